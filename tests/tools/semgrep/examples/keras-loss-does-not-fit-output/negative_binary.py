from keras.layers import Dense
from keras.models import Sequential

model = Sequential([Dense(12, activation="relu"), Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["AUC"])
