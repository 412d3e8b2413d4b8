import pandas as pd
from sklearn.linear_model import Ridge

houses = pd.read_csv("houses.csv")
houses = houses[houses["target"] < 500_000]  # finds: rows-dropped-by-label-value
houses = houses.drop(houses[houses["target"] == 0].index)  # finds: rows-dropped-by-label-value
X = houses.drop(columns="target")
y = houses["target"]
model = Ridge().fit(X, y)
print(model.coef_)
