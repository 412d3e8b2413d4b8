import keras
import numpy as np

data = np.load("digits.npz")
model = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(data["x"], data["y"], epochs=8, validation_split=0.1)  # finds: training-script-without-seed
print(history.history["val_loss"])
model.save("digits.keras")
