import pandas as pd
from sklearn.linear_model import LogisticRegression

features = ["income", "age", "debt"]
sensitive_features = ["gender", "race"]
data = pd.read_csv("applications.csv")
model = LogisticRegression(max_iter=1000).fit(data[features], data["approved"])
approved = model.predict(data[features])
print(data.assign(approved=approved).groupby(sensitive_features)["approved"].mean())
