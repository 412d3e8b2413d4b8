import tensorflow as tf
from sklearn.model_selection import train_test_split
import pandas as pd

df = pd.read_csv("energy.csv")
y = df.pop("kwh").values
x_train, x_val, y_train, y_val = train_test_split(df.values, y, test_size=0.2, random_state=1)
norm = tf.keras.layers.Normalization()
norm.adapt(x_train)
model = tf.keras.Sequential([norm, tf.keras.layers.Dense(32, "relu"), tf.keras.layers.Dense(1)])
model.compile("adam", "mae")
model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=40, callbacks=[tf.keras.callbacks.EarlyStopping(patience=4)])
