import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

df = pd.read_csv("bank.csv")
X = df.drop(columns="deposit")
y = df["deposit"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=3, stratify=y)
clf = LogisticRegression(max_iter=2000)
clf.fit(X, y)  # finds: fitted-on-all-rows-then-tested
print("test accuracy", clf.score(X_test, y_test))
