import tensorflow as tf
from tensorflow.keras.utils import to_categorical

(x_train, y_train), _ = tf.keras.datasets.cifar10.load_data()
y_train = to_categorical(y_train, 10)
model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(10, activation="softmax")])
model.compile("adam", loss="categorical_crossentropy")
model.fit(x_train / 255, y_train, epochs=3)
