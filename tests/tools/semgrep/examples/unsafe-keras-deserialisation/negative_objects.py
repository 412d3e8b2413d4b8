import keras

from layers import Positional


def restore(path):
    return keras.models.load_model(path, custom_objects={"Positional": Positional}, safe_mode=True)
