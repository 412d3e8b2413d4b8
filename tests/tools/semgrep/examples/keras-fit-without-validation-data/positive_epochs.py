import keras
import numpy as np

keras.utils.set_random_seed(5)
data = np.load("digits.npz")
model = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(data["x"], data["y"], epochs=50, batch_size=32)  # finds: keras-fit-without-validation-data
model.save("digits.keras")
