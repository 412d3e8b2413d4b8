import numpy as np
import xgboost as xgb
from sklearn.model_selection import train_test_split

X, y = np.load("x.npy"), np.load("y.npy")
X_dev, X_test, y_dev, y_test = train_test_split(X, y, test_size=0.15, random_state=3)
X_train, X_val, y_train, y_val = train_test_split(X_dev, y_dev, test_size=0.15, random_state=3)
dtrain, dval, dtest = xgb.DMatrix(X_train, y_train), xgb.DMatrix(X_val, y_val), xgb.DMatrix(X_test)
bst = xgb.train({"eta": 0.05, "max_depth": 5, "seed": 3}, dtrain, 2000, evals=[(dtrain, "train"), (dval, "val")],
                early_stopping_rounds=40)
print(np.abs(bst.predict(dtest) - y_test).mean())
