import pandas as pd
from sklearn.linear_model import Ridge

df = pd.read_csv("pump.csv", parse_dates=["ts"]).sort_values("ts")
df["vib_mean_next_hour"] = df["vibration"][::-1].rolling(60).mean()[::-1]  # finds: future-values-as-features
df["pressure_tomorrow"] = df.groupby("pump")["pressure"].shift(-24)
df["flow"] = df["flow"].interpolate(method="linear", limit_direction="both")
df["level"] = df["level"].fillna(method="bfill")
n = int(len(df) * 0.7)
train, test = df.iloc[:n], df.iloc[n:]
cols = ["vib_mean_next_hour", "pressure_tomorrow", "flow", "level"]
model = Ridge().fit(train[cols], train["wear"])
print(model.score(test[cols], test["wear"]))
