"""Churn classifier on tabular data."""
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

frame = pd.read_csv("churn.csv")
y = frame.pop("churned").to_numpy()
X_train, X_val, y_train, y_val = train_test_split(frame.to_numpy(np.float32), y, stratify=y, random_state=3)

model = keras.Sequential([
    layers.Input(shape=(X_train.shape[1],)),
    layers.Dense(64, activation="relu"),
    layers.Dropout(0.2),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
history = model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=150, batch_size=64)  # finds: keras-fit-without-early-stopping
print(max(history.history["val_auc"]))
