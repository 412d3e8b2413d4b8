import tensorflow as tf
from sklearn.model_selection import train_test_split
import numpy as np

tf.keras.utils.set_random_seed(5)
X, y = np.load("X.npy"), np.load("y.npy")
X_trainval, X_test, y_trainval, y_test = train_test_split(X, y, test_size=0.15, random_state=5)
X_train, X_val, y_train, y_val = train_test_split(X_trainval, y_trainval, test_size=0.15, random_state=5)
norm = tf.keras.layers.Normalization()
norm.adapt(X_train)
model = tf.keras.Sequential([norm, tf.keras.layers.Dense(32, activation="relu"), tf.keras.layers.Dense(1)])
model.compile("adam", "mae")
model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=100,
          callbacks=[tf.keras.callbacks.EarlyStopping(patience=5)])
print(model.evaluate(X_test, y_test))
