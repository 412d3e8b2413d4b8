from pathlib import Path

import yaml


def settings(path: Path):
    return yaml.load(path.read_text())  # finds: unsafe-yaml-load


def old(path: Path):
    return yaml.unsafe_load(path.read_text())  # finds: unsafe-yaml-load
