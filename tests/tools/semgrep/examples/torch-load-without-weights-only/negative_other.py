import json

import numpy as np


def load(path):
    with open(path) as file:
        settings = json.load(file)
    return settings, np.load(settings["array"])
