import keras
from tensorflow.keras.models import load_model


def restore(path):
    keras.config.enable_unsafe_deserialization()  # finds: unsafe-keras-deserialisation
    return load_model(path)
