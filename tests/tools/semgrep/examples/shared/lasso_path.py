import numpy as np
from sklearn.linear_model import LassoCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

X, y = np.load("X.npy"), np.load("y.npy")
X = PolynomialFeatures(degree=2, include_bias=False).fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=21)
pipe = Pipeline([("sc", StandardScaler()), ("lasso", LassoCV(cv=5, random_state=21))])
pipe.fit(X_train, y_train)
print(pipe.score(X_train, y_train), pipe.score(X_test, y_test))
