import cv2
import numpy as np
from tensorflow.keras.preprocessing.image import ImageDataGenerator


def training_data(folder):
    return ImageDataGenerator(rescale=1.0 / 255, horizontal_flip=True).flow_from_directory(folder, (128, 128))


def predict_file(model, path):
    image = cv2.imread(path)
    image = cv2.resize(image, (128, 128))
    return model.predict(np.expand_dims(image, axis=0))  # finds: serving-skips-pixel-scaling
