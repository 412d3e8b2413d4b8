import keras
from keras import layers

model = keras.Sequential([layers.Conv1D(32, 5), layers.GlobalAveragePooling1D(), layers.Dense(1)])
model.compile(optimizer="adam", loss="mae")
