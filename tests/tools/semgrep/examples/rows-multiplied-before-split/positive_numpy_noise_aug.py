import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.metrics import f1_score

d = pd.read_csv("gestures.csv")
rng = np.random.default_rng(1)
X, y = d.iloc[:, :-1].to_numpy(), d.iloc[:, -1].to_numpy()
X_aug = X + rng.normal(0, 0.01, X.shape)
X_all = np.vstack([X, X_aug])  # finds: rows-multiplied-before-split
y_all = np.hstack([y, y])
X_train, X_test, y_train, y_test = train_test_split(X_all, y_all, test_size=0.2, random_state=1)
mlp = MLPClassifier((64,), max_iter=400, random_state=1, early_stopping=True).fit(X_train, y_train)
print(f1_score(y_test, mlp.predict(X_test), average="macro"))
