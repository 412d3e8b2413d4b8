import keras
import numpy as np

data, held = np.load("train.npz"), np.load("validation.npz")
model = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(data["x"], data["y"], epochs=50, validation_data=(held["x"], held["y"]))
model.fit(data["x"], data["y"], epochs=50, validation_split=0.2)
model.save("model.keras")
