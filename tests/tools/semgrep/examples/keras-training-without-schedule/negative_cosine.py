import keras

rate = keras.optimizers.schedules.CosineDecay(1e-3, decay_steps=10_000)


def train(model, data):
    model.compile(optimizer=keras.optimizers.AdamW(rate), loss="sparse_categorical_crossentropy")
    model.fit(data, epochs=30)
