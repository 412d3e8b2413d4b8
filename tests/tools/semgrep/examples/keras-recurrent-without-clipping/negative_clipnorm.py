import keras
from keras import layers

model = keras.Sequential([layers.LSTM(32, input_shape=(24, 3)), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(1e-3, clipnorm=1.0), loss="mae")
