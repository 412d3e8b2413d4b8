import hashlib
import pickle
from pathlib import Path


def load(path: Path, digest: str):
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError("the model is not the one that was published")
    return pickle.loads(data)
