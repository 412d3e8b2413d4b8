import pandas as pd

df = pd.read_csv("loans.csv")
median = df["income"].median()
df["income"][df["income"].isna()] = median  # finds: chained-assignment
df["age"][df["age"] > 100] = 100  # finds: chained-assignment
features = df.drop(columns="default")
features.to_parquet("features.parquet")
