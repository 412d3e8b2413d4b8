import pandas as pd
import tensorflow as tf
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

tf.keras.utils.set_random_seed(0)
df = pd.read_csv("machine_failure.csv")
X, y = df.drop(columns=["failure"]).values, df["failure"].values
# failures are about 3 % of all rows
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)
sc = StandardScaler().fit(X_train)
model = tf.keras.Sequential([tf.keras.layers.Dense(32, activation="relu"), tf.keras.layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])  # finds: accuracy-alone-on-imbalanced-classes
model.fit(sc.transform(X_train), y_train, epochs=20, validation_split=0.2, class_weight={0: 1, 1: 30})
print(model.evaluate(sc.transform(X_test), y_test))
