import pickle

import requests


def fetch(url):
    answer = requests.get(url, timeout=30)
    answer.raise_for_status()
    return pickle.loads(answer.content)  # finds: unpickling-data-from-outside
