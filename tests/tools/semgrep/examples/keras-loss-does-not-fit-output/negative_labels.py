import keras
from keras.layers import Dense

tags = keras.Sequential([Dense(40, activation="relu"), Dense(8, activation="sigmoid")])
tags.compile(loss="binary_crossentropy", optimizer="adam")
kinds = keras.Sequential([Dense(40, activation="relu"), Dense(8, activation="softmax")])
kinds.compile(loss="categorical_crossentropy", optimizer="adam")
