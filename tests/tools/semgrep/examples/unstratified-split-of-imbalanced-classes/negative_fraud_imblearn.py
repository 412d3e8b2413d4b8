import pandas as pd
from imblearn.ensemble import BalancedRandomForestClassifier
from sklearn.metrics import average_precision_score, classification_report
from sklearn.model_selection import train_test_split

fraud = pd.read_csv("fraud.csv")
X, y = fraud.drop(columns="is_fraud"), fraud["is_fraud"]
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=99)
brf = BalancedRandomForestClassifier(n_estimators=200, random_state=99).fit(X_tr, y_tr)
print(classification_report(y_te, brf.predict(X_te)))
print(average_precision_score(y_te, brf.predict_proba(X_te)[:, 1]))
