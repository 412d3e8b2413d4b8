import pandas as pd
from sklearn.linear_model import LinearRegression

series = pd.read_csv("sensor.csv", parse_dates=["time"]).sort_values("time")
series["value"] = series["value"].ffill()
series["gap"] = series["gap"].interpolate(limit_direction="forward")
series["mean"] = series["value"].rolling(12).mean()
series["label"] = series["value"].shift(-1)
series = series.dropna()
cut = int(len(series) * 0.8)
past, future = series.iloc[:cut], series.iloc[cut:]
model = LinearRegression().fit(past[["value", "gap", "mean"]], past["label"])
print(model.score(future[["value", "gap", "mean"]], future["label"]))
