import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)])
model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def probabilities(images):
    return tf.keras.Sequential([model, tf.keras.layers.Softmax()]).predict(images)
