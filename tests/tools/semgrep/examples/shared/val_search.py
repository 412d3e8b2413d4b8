from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True)
X_tmp, X_test, y_tmp, y_test = train_test_split(X, y, random_state=0, stratify=y)
X_train, X_val, y_train, y_val = train_test_split(X_tmp, y_tmp, random_state=0, stratify=y_tmp)
scores = {}
for depth in (3, 5, 8):
    rf = RandomForestClassifier(max_depth=depth, random_state=0).fit(X_train, y_train)
    scores[depth] = roc_auc_score(y_val, rf.predict_proba(X_val)[:, 1])
best = max(scores, key=scores.get)
rf = RandomForestClassifier(max_depth=best, random_state=0).fit(X_tmp, y_tmp)
print("test", roc_auc_score(y_test, rf.predict_proba(X_test)[:, 1]))
