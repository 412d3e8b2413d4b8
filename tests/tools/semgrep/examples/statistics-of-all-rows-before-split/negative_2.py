import pandas as pd

df = pd.read_csv("report.csv")
df["sales"] = df["sales"].fillna(df["sales"].mean())
df.to_csv("filled.csv")
