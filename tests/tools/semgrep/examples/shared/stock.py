import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import TimeSeriesSplit, cross_val_score

df = pd.read_csv("prices.csv", parse_dates=["date"]).sort_values("date").set_index("date")
df["ret"] = df["close"].pct_change()
df["ma"] = df["close"].rolling(10).mean()
df["lag1"] = df["ret"].shift(1)
df["target"] = (df["close"].shift(-1) > df["close"]).astype(int)
df = df.dropna()
features = ["ret", "ma", "lag1"]
cv = TimeSeriesSplit(n_splits=5, gap=1)
rf = RandomForestClassifier(n_estimators=200, random_state=42)
print(cross_val_score(rf, df[features], df["target"], cv=cv))
split = int(len(df) * 0.8)
train, test = df.iloc[:split], df.iloc[split:]
rf.fit(train[features], train["target"])
print(rf.score(test[features], test["target"]))
