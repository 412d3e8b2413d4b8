import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

houses = pd.read_csv("houses.csv")
features, price = houses[["rooms", "area"]], houses["price"]
pipeline = make_pipeline(StandardScaler(), LinearRegression())
pipeline.fit(features, price)
print("R2:", pipeline.score(features, price))  # finds: scored-on-training-data-only
