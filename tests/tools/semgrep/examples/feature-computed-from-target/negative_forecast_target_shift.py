import pandas as pd
from xgboost import XGBRegressor
from sklearn.metrics import mean_absolute_error

load = pd.read_csv("load.csv", parse_dates=["timestamp"], index_col="timestamp").sort_index()
load["y"] = load["mw"].shift(-24)
load["hour"] = load.index.hour
load["lag_24"] = load["mw"].shift(24)
load["roll"] = load["mw"].rolling(24).mean()
load = load.ffill().dropna()
train, test = load.loc[:"2022-12-31"], load.loc["2023-01-01":]
cols = ["mw", "hour", "lag_24", "roll"]
model = XGBRegressor(n_estimators=400, random_state=0)
model.fit(train[cols], train["y"])
print(mean_absolute_error(test["y"], model.predict(test[cols])))
