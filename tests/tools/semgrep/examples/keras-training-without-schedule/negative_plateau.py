from tensorflow import keras


def train(model, data, val):
    model.compile(optimizer="adam", loss="mae")
    reduce = keras.callbacks.ReduceLROnPlateau(patience=3, factor=0.3)
    model.fit(data, validation_data=val, epochs=80, callbacks=[reduce])
