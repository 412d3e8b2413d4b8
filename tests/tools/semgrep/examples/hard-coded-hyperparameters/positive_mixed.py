import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from tensorflow import keras


def forest(X, y):
    return RandomForestClassifier(n_estimators=400, max_depth=12, min_samples_leaf=3).fit(X, y)  # finds: hard-coded-hyperparameters


def network(X, y):
    model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(learning_rate=1e-3), "binary_crossentropy")  # finds: hard-coded-hyperparameters
    model.fit(X, y, epochs=25, batch_size=128)  # finds: hard-coded-hyperparameters
    return model


def main():
    frame = pd.read_csv("claims.csv")
    y = frame.pop("fraud")
    return forest(frame, y), network(frame, y)
