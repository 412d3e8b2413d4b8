import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

tx = pd.read_csv("transactions.csv")
print(tx["is_fraud"].value_counts(normalize=True))  # 0.4 % positives
X = tx.drop(columns=["is_fraud", "tx_id"])
y = tx["is_fraud"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)  # finds: unstratified-split-of-imbalanced-classes
lr = LogisticRegression(max_iter=1000).fit(X_train, y_train)
print("Accuracy:", accuracy_score(y_test, lr.predict(X_test)))
