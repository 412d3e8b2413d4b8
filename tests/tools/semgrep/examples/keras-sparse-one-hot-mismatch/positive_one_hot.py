import numpy as np
from tensorflow.keras import layers, models
from tensorflow.keras.utils import to_categorical

data = np.load("gestures.npz")
X, y = data["X"], to_categorical(data["y"], 6)
model = models.Sequential([
    layers.LSTM(64, input_shape=X.shape[1:]),
    layers.Dense(6, activation="softmax"),
])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])  # finds: keras-sparse-one-hot-mismatch
model.fit(X, y, epochs=10, validation_split=0.2)
