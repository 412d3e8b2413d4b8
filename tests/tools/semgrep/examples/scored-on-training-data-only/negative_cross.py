import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_score

houses = pd.read_csv("houses.csv")
features, price = houses[["rooms", "area"]], houses["price"]
model = LinearRegression()
print("R2:", cross_val_score(model, features, price).mean())
model.fit(features, price)
print("fit:", model.score(features, price))
