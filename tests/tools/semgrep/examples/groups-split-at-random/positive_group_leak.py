import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

scans = pd.read_csv("scans.csv")
print(scans.groupby("patient_id").size().describe())
X = scans.drop(columns=["patient_id", "malignant"])
y = scans["malignant"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)  # finds: groups-split-at-random
clf = RandomForestClassifier(n_estimators=500, random_state=0).fit(X_train, y_train)
print(roc_auc_score(y_test, clf.predict_proba(X_test)[:, 1]))
