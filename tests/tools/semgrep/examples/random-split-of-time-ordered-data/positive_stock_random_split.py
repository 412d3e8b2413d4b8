import pandas as pd
import yfinance as yf
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

df = yf.download("AAPL", start="2010-01-01", end="2020-01-01")
df["Return"] = df["Close"].pct_change()
for w in (5, 10, 20):
    df[f"ma_{w}"] = df["Close"].rolling(w).mean()
df["Target"] = (df["Close"].shift(-1) > df["Close"]).astype(int)
df = df.dropna()
X = df[["Return", "ma_5", "ma_10", "ma_20"]]
y = df["Target"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)  # finds: random-split-of-time-ordered-data
rf = RandomForestClassifier(n_estimators=200, random_state=42)
rf.fit(X_train, y_train)
print(rf.score(X_test, y_test))
