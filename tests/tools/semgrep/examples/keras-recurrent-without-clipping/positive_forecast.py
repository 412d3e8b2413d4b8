import numpy as np
from tensorflow.keras.callbacks import EarlyStopping
from tensorflow.keras.layers import LSTM, Dense
from tensorflow.keras.models import Sequential

load = np.load("load.npy")
windows = np.lib.stride_tricks.sliding_window_view(load, 49)
model = Sequential([LSTM(64, return_sequences=True, input_shape=(48, 1)), LSTM(32), Dense(1)])
model.compile(optimizer="adam", loss="mse")  # finds: keras-recurrent-without-clipping
model.fit(windows[:, :48, None], windows[:, 48], epochs=60, validation_split=0.2, callbacks=[EarlyStopping(patience=5)])
