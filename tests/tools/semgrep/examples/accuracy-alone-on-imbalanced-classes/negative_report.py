import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, classification_report

train, test = pd.read_csv("train.csv"), pd.read_csv("test.csv")
model = LogisticRegression(class_weight="balanced")
model.fit(train.drop(columns="churn"), train["churn"])
predicted = model.predict(test.drop(columns="churn"))
print(accuracy_score(test["churn"], predicted))
print(classification_report(test["churn"], predicted))
