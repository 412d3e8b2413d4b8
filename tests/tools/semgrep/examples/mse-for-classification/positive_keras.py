from tensorflow import keras

model = keras.Sequential([
    keras.layers.Dense(64, activation="relu", input_shape=(20,)),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="mse", metrics=["accuracy"])  # finds: mse-for-classification


def fit(X, y):
    stop = keras.callbacks.EarlyStopping(patience=3)
    return model.fit(X, y, validation_split=0.2, epochs=50, callbacks=[stop])
