import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

FEATURES = ["age", "income", "gender", "loan_amount", "marital_status"]  # finds: sensitive-attribute-among-features
apps = pd.read_csv("applications.csv")
X = pd.get_dummies(apps[FEATURES])
y = apps["approved"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
m = LogisticRegression(max_iter=1000).fit(X_train, y_train)
print(roc_auc_score(y_test, m.predict_proba(X_test)[:, 1]))
