from tensorflow.keras.models import load_model


def restore(path):
    return load_model(path, compile=False)
