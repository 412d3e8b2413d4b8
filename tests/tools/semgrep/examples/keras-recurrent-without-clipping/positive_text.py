import tensorflow as tf
from tensorflow.keras import layers


class Sentiment:
    def __init__(self, tokens, rate):
        self.model = tf.keras.Sequential([
            layers.Embedding(tokens, 64, mask_zero=True),
            layers.Bidirectional(layers.GRU(64)),
            layers.Dense(1, activation="sigmoid"),
        ])
        optimizer = tf.keras.optimizers.Adam(rate)
        self.model.compile(optimizer=optimizer, loss="binary_crossentropy")  # finds: keras-recurrent-without-clipping

    def fit(self, data, val):
        self.model.fit(data, validation_data=val, epochs=8)
