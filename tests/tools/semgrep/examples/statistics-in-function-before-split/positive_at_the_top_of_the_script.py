import numpy as np
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from tables import load


def standardise(rows):
    return (rows - np.mean(rows, axis=0)) / np.std(rows, axis=0)  # finds: statistics-in-function-before-split


X, y = load()
X = standardise(X)
print(cross_val_score(KNeighborsClassifier(), X, y, cv=5).mean())
