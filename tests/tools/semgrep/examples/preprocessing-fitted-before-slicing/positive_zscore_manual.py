import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(1)
data = np.load("sensors.npz")
x, y = data["x"], data["y"]
x = (x - x.mean(axis=0)) / x.std(axis=0)  # finds: preprocessing-fitted-before-slicing

n_train = int(0.8 * len(x))
rng = np.random.default_rng(0)
order = rng.permutation(len(x))
x, y = x[order], y[order]
x_train, y_train = x[:n_train], y[:n_train]
x_test, y_test = x[n_train:], y[n_train:]

model = keras.Sequential([
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dense(1),
])
model.compile("adam", "mse")
model.fit(x_train, y_train, epochs=30, batch_size=64, validation_split=0.1)
print(model.evaluate(x_test, y_test))
