import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import LSTM, Dense, Dropout
import tensorflow as tf

tf.random.set_seed(1)
dataset = pd.read_csv('GOOG.csv')
values = dataset[['Close']].values
scaler = MinMaxScaler(feature_range=(0, 1))
scaled = scaler.fit_transform(values)
training_size = int(len(scaled) * 0.65)
train_data, test_data = scaled[0:training_size, :], scaled[training_size:, :]

def create_dataset(ds, step=60):
    X, Y = [], []
    for i in range(len(ds) - step - 1):
        X.append(ds[i:i + step, 0])
        Y.append(ds[i + step, 0])
    return np.array(X), np.array(Y)

X_train, y_train = create_dataset(train_data)
X_test, y_test = create_dataset(test_data)
model = Sequential([LSTM(50, return_sequences=True, input_shape=(60, 1)), LSTM(50), Dropout(0.2), Dense(1)])
model.compile(loss='mean_squared_error', optimizer='adam')
model.fit(X_train[..., None], y_train, validation_data=(X_test[..., None], y_test), epochs=100, batch_size=64)  # finds: test-set-watched-in-training
