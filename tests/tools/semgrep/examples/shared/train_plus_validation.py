import numpy as np
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

X, y = np.load("x.npy"), np.load("y.npy")
X_rest, X_test, y_rest, y_test = train_test_split(X, y, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, random_state=0)
scores = {alpha: Ridge(alpha).fit(X_train, y_train).score(X_val, y_val) for alpha in (0.1, 1, 10)}
model = Ridge(max(scores, key=scores.get))
model.fit(np.concatenate([X_train, X_val]), np.concatenate([y_train, y_val]))
print(model.score(X_test, y_test))
