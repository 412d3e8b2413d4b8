import numpy as np
from sklearn.preprocessing import Normalizer
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

X, y = np.load("spectra.npy"), np.load("labels.npy")
X = X / 255.0
X = X - X.mean(axis=1, keepdims=True)
X = Normalizer().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)
print(SVC().fit(X_train, y_train).score(X_test, y_test))
