import lightgbm as lgb
import numpy as np
from sklearn.model_selection import train_test_split

X = np.load("x.npy"); y = np.load("y.npy")
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=.2, random_state=17)
dtrain = lgb.Dataset(X_tr, y_tr)
dtest = lgb.Dataset(X_te, y_te, reference=dtrain)
params = dict(objective='regression', learning_rate=0.02, num_leaves=63, seed=17)
bst = lgb.train(params, dtrain, num_boost_round=5000, valid_sets=[dtrain, dtest], callbacks=[lgb.early_stopping(50)])  # finds: test-set-used-to-stop-or-choose
print('rmse', np.sqrt(((bst.predict(X_te) - y_te) ** 2).mean()))
