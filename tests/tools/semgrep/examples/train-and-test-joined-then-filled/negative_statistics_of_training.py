import pandas as pd
from sklearn.linear_model import LogisticRegression

train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv")
median = train["Age"].median()
both = pd.get_dummies(pd.concat([train, test]))
both["Age"] = both["Age"].fillna(median)
both["Cabin"] = both["Cabin"].fillna("none")
X, X_test = both[: len(train)], both[len(train) :]
print(LogisticRegression().fit(X, train["Survived"]).predict(X_test))
