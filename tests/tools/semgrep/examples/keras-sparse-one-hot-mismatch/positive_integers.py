import tensorflow as tf

(x_train, y_train), (x_test, y_test) = tf.keras.datasets.cifar10.load_data()


def build():
    net = tf.keras.Sequential([
        tf.keras.layers.Rescaling(1 / 255),
        tf.keras.layers.Conv2D(32, 3, activation="relu"),
        tf.keras.layers.GlobalMaxPooling2D(),
        tf.keras.layers.Dense(10, activation="softmax"),
    ])
    net.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])  # finds: keras-sparse-one-hot-mismatch
    return net


build().fit(x_train, y_train, validation_data=(x_test, y_test), epochs=6)
