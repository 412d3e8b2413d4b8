import tensorflow as tf


def train(model: tf.keras.Model, dataset: tf.data.Dataset, settings: dict) -> tf.keras.Model:
    tf.keras.utils.set_random_seed(1)
    model.compile(optimizer="adam", loss="mse")
    number = settings["epochs"]
    model.fit(dataset, epochs=number)  # finds: keras-fit-without-validation-data
    model.save(settings["path"])
    return model
