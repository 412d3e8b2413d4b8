import pandas as pd
from xgboost import XGBClassifier
from sklearn.model_selection import train_test_split
from sklearn.metrics import roc_auc_score

loans = pd.read_csv("lending_club.csv", low_memory=False)
loans["default"] = loans["loan_status"].isin(["Charged Off", "Default"]).astype(int)
features = ["loan_amnt", "int_rate", "annual_inc", "dti", "recoveries", "total_rec_prncp", "last_pymnt_amnt"]  # finds: feature-known-after-the-outcome
X_train, X_test, y_train, y_test = train_test_split(
    loans[features], loans["default"], stratify=loans["default"], random_state=0)
clf = XGBClassifier(random_state=0).fit(X_train, y_train)
print(roc_auc_score(y_test, clf.predict_proba(X_test)[:, 1]))
