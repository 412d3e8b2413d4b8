import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit, cross_val_score

load = pd.read_csv("load.csv", index_col="time", parse_dates=True)
load["load"] = load["load"].interpolate()  # finds: gaps-filled-from-later-rows
load["wind"] = load["wind"].interpolate(method="time")  # finds: gaps-filled-from-later-rows
load["temperature"] = load["temperature"].bfill()  # finds: gaps-filled-from-later-rows
load["yesterday"] = load["load"].shift(24)
load = load.dropna()
print(cross_val_score(Ridge(), load.drop(columns="load"), load["load"], cv=TimeSeriesSplit(5)).mean())
