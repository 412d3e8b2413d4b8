import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import LSTM, Dense

X = np.load("seq.npy")
y = np.load("next.npy")
model = Sequential()
model.add(LSTM(64, input_shape=X.shape[1:]))
model.add(Dense(1))
model.compile(loss="mse", optimizer="adam")
model.fit(X, y, epochs=200, batch_size=32)  # finds: keras-fit-without-validation-data
model.save("lstm.keras")
