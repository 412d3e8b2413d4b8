import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupShuffleSplit

scans = pd.read_csv("scans.csv")
X = scans.drop(columns=["patient_id", "malignant"])
y = scans["malignant"]
gss = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=0)
train_idx, test_idx = next(gss.split(X, y, groups=scans["patient_id"]))
clf = RandomForestClassifier(n_estimators=500, random_state=0).fit(X.iloc[train_idx], y.iloc[train_idx])
print(roc_auc_score(y.iloc[test_idx], clf.predict_proba(X.iloc[test_idx])[:, 1]))
