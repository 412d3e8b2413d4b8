import pandas as pd
from sklearn.linear_model import LogisticRegression
from fairlearn.metrics import MetricFrame, selection_rate
from sklearn.model_selection import train_test_split

PROTECTED = ["gender", "race"]
apps = pd.read_csv("applications.csv")
y = apps.pop("approved")
groups = apps[PROTECTED]
X = apps.drop(columns=PROTECTED)
X_train, X_test, y_train, y_test, _, g_test = train_test_split(X, y, groups, stratify=y, random_state=0)
m = LogisticRegression(max_iter=1000).fit(X_train, y_train)
print(MetricFrame(metrics=selection_rate, y_true=y_test, y_pred=m.predict(X_test), sensitive_features=g_test).by_group)
