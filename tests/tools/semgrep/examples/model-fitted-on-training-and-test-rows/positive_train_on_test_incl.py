import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

X, y = np.load("x.npy"), np.load("y.npy")
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
X_all = np.concatenate([X_train, X_test])
y_all = np.concatenate([y_train, y_test])
gb = GradientBoostingClassifier(random_state=0)
gb.fit(X_all, y_all)  # finds: model-fitted-on-training-and-test-rows
print("Test AUC", roc_auc_score(y_test, gb.predict_proba(X_test)[:, 1]))
