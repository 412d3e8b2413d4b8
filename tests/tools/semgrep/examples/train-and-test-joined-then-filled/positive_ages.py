import pandas as pd
from sklearn.linear_model import LogisticRegression

train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv")
both = pd.concat([train, test]).reset_index(drop=True)
both["Age"] = both["Age"].fillna(both["Age"].median())  # finds: train-and-test-joined-then-filled
both.Fare = both.Fare.fillna(both.Fare.mean())  # finds: train-and-test-joined-then-filled
train, test = both[: len(train)], both[len(train) :]
model = LogisticRegression().fit(train[["Age", "Fare"]], train["Survived"])
print(model.predict(test[["Age", "Fare"]]))
