import numpy as np
from tensorflow import keras


def label(paths, folder):
    model = keras.models.load_model(folder)
    names = []
    for path in paths:
        image = keras.utils.img_to_array(keras.utils.load_img(path, target_size=(96, 96))) / 255.0
        names.append(int(model.predict(np.expand_dims(image, 0)).argmax()))  # finds: predict-one-by-one
    return names
