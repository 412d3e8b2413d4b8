import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.metrics import roc_auc_score

patients = pd.read_csv("readmission.csv").dropna()
X = patients  # finds: target-left-among-features
y = patients["readmitted"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=8, stratify=y)
forest = RandomForestClassifier(n_estimators=100, random_state=8)
forest.fit(X_train, y_train)
print(roc_auc_score(y_test, forest.predict_proba(X_test)[:, 1]))
