import yaml


def settings(path):
    with open(path) as file:
        return yaml.safe_load(file)
