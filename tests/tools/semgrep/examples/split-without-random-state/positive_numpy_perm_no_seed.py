import numpy as np
from sklearn.linear_model import Ridge

def split(X, y, ratio=0.8):
    order = np.random.permutation(len(X))  # finds: split-without-random-state
    k = int(ratio * len(X))
    return X[order[:k]], y[order[:k]], X[order[k:]], y[order[k:]]

X, y = np.load("X.npy"), np.load("y.npy")
Xtr, ytr, Xte, yte = split(X, y)
model = Ridge().fit(Xtr, ytr)
print("r2", model.score(Xte, yte))
