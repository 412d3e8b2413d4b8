import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVR

X, y = np.load("x.npy"), np.load("y.npy")
X = SimpleImputer(strategy="median").fit_transform(X)  # finds: scaled-before-cross-validation
scaler = MinMaxScaler()
X = scaler.fit_transform(X)  # finds: scaled-before-cross-validation
gs = GridSearchCV(SVR(), {"C": [1, 10, 100], "epsilon": [0.01, 0.1]}, cv=5, scoring="r2")
gs.fit(X, y)
print(gs.best_params_, gs.best_score_)
