from keras import Sequential
from keras.layers import Dense, Input


def train(X, y, epochs):
    model = Sequential([Input((X.shape[1],)), Dense(64, activation="relu"), Dense(1)])
    model.compile(optimizer="sgd", loss="mse")  # finds: keras-training-without-schedule
    model.fit(X, y, epochs=epochs, validation_split=0.2, verbose=0)
    return model
