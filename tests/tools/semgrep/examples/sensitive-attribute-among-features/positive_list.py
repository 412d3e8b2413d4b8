import pandas as pd
from sklearn.linear_model import LogisticRegression

FEATURES = ["income", "age", "gender", "debt"]  # finds: sensitive-attribute-among-features
data = pd.read_csv("applications.csv")
model = LogisticRegression(max_iter=1000)
model.fit(pd.get_dummies(data[FEATURES]), data["approved"])
print(model.coef_)
categorical_columns = ["region", "race"]  # finds: sensitive-attribute-among-features
print(data[categorical_columns].nunique())
