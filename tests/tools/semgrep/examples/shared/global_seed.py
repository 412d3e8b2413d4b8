import random
import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import train_test_split

SEED = 2021
random.seed(SEED)
np.random.seed(SEED)
X, y = np.load("x.npy"), np.load("y.npy")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.1)
rf = RandomForestRegressor(n_estimators=50).fit(X_train, y_train)
print(rf.score(X_test, y_test))
