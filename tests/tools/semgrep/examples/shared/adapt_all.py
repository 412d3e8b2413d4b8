import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(0)
texts, labels = np.load("t.npy", allow_pickle=True), np.load("l.npy")
rng = np.random.default_rng(0)
perm = rng.permutation(len(texts))
texts, labels = texts[perm], labels[perm]
cut = int(0.8 * len(texts))
vectorize = tf.keras.layers.TextVectorization(max_tokens=20000, output_sequence_length=200)
vectorize.adapt(texts[:cut])
train = tf.data.Dataset.from_tensor_slices((texts[:cut], labels[:cut])).batch(32)
val = tf.data.Dataset.from_tensor_slices((texts[cut:], labels[cut:])).batch(32)
model = tf.keras.Sequential([vectorize, tf.keras.layers.Embedding(20000, 32), tf.keras.layers.GlobalAveragePooling1D(), tf.keras.layers.Dense(1)])
model.compile("adam", tf.keras.losses.BinaryCrossentropy(from_logits=True))
model.fit(train, validation_data=val, epochs=8)
