import keras
from keras import layers


def build(width):
    inputs = keras.Input((width,))
    hidden = layers.Dense(128, activation="gelu")(inputs)
    return keras.Model(inputs, layers.Dense(1)(hidden))


def train(X, y, X_val, y_val):
    model = build(X.shape[1])
    model.compile(optimizer="adam", loss="mae")
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True)
    model.fit(X, y, validation_data=(X_val, y_val), epochs=300, callbacks=[stop])
    return model
