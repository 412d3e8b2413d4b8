from itertools import product
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.metrics import roc_auc_score

X, y = load_breast_cancer(return_X_y=True)
Xtrain, Xtest, ytrain, ytest = train_test_split(X, y, random_state=0, stratify=y)
best = (0, None)
for depth, leaf in product([3, 5, 8], [1, 5, 20]):
    rf = RandomForestClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=0)
    rf.fit(Xtrain, ytrain)
    auc = roc_auc_score(ytest, rf.predict_proba(Xtest)[:, 1])  # finds: test-set-used-for-tuning
    if auc > best[0]:
        best = (auc, (depth, leaf))
print(best)
