import argparse

import yaml

parser = argparse.ArgumentParser()
parser.add_argument("config")
args = parser.parse_args()
with open(args.config) as file:
    config = yaml.load(file, Loader=yaml.Loader)  # finds: unsafe-yaml-load
print(config["model"])
