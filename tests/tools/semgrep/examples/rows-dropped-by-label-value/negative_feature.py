import pandas as pd
from sklearn.linear_model import Ridge

houses = pd.read_csv("houses.csv")
houses = houses[houses["area"] < 500]
X = houses.drop(columns="target")
y = houses["target"]
model = Ridge().fit(X, y)
print(model.coef_)
