import tensorflow as tf
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint
from tensorflow.keras.datasets import cifar10

tf.random.set_seed(0)
(x_train, y_train), (x_test, y_test) = cifar10.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0

model = tf.keras.models.Sequential([
    tf.keras.layers.Conv2D(32, 3, activation="relu", input_shape=(32, 32, 3)),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(10, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
cb = [EarlyStopping(patience=3, restore_best_weights=True), ModelCheckpoint("m.keras", save_best_only=True)]
model.fit(x_train, y_train, epochs=50, validation_data=(x_test, y_test), callbacks=cb)  # finds: test-set-used-to-stop-or-choose
loss, acc = model.evaluate(x_test, y_test)
print(acc)
