import pandas as pd

df = pd.read_csv("loans.csv")
median = df["income"].median()
df.loc[df["income"].isna(), "income"] = median
df["age"] = df["age"].clip(upper=100)
features = df.drop(columns="default")
features.to_parquet("features.parquet")
