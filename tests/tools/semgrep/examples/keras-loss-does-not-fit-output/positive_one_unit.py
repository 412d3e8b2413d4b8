from tensorflow.keras.layers import Dense, Dropout
from tensorflow.keras.models import Sequential

model = Sequential()
model.add(Dense(64, activation="relu", input_dim=30))
model.add(Dropout(0.3))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])  # finds: keras-loss-does-not-fit-output


def fit(X, y):
    model.fit(X, y, epochs=10, batch_size=32, validation_split=0.2)
