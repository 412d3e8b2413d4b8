import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, average_precision_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("churn.csv")
X, y = df.drop(columns=["churned"]), df["churned"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42, stratify=y)
lr = LogisticRegression(max_iter=1000, class_weight="balanced").fit(X_train, y_train)
print("accuracy", accuracy_score(y_test, lr.predict(X_test)))
print("AP", average_precision_score(y_test, lr.predict_proba(X_test)[:, 1]))
