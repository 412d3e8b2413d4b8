import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier

loans = pd.read_parquet("loans.parquet")
y = loans.pop("default")
X_train, X_rest, y_train, y_rest = train_test_split(loans, y, test_size=0.4, stratify=y, random_state=0)
X_val, X_test, y_val, y_test = train_test_split(X_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=0)

clf = XGBClassifier(n_estimators=2000, learning_rate=0.02, max_depth=7, eval_metric="auc")
clf.fit(X_train, y_train, eval_set=[(X_val, y_val)], verbose=100)  # finds: boosting-without-early-stopping
print(roc_auc_score(y_test, clf.predict_proba(X_test)[:, 1]))
