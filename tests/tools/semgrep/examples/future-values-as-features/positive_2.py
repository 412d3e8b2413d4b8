import pandas as pd

df = pd.read_csv("sensor.csv", parse_dates=["time"])
df["temperature"] = df["temperature"].bfill()  # finds: future-values-as-features
df["load"] = df["load"].interpolate(limit_direction="both")  # finds: future-values-as-features
