import keras
from keras import layers
from keras.losses import BinaryCrossentropy


def build(tokens: int) -> keras.Model:
    inputs = keras.Input((None,), dtype="int32")
    x = layers.Embedding(tokens, 32)(inputs)
    x = layers.GlobalAveragePooling1D()(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
    model = keras.Model(inputs, outputs)
    loss = BinaryCrossentropy(from_logits=True)  # finds: keras-from-logits-after-activation
    model.compile(optimizer="rmsprop", loss=loss, metrics=["AUC"])
    return model
