import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

energy = pd.read_csv("energy.csv", parse_dates=["timestamp"])
energy["hour"] = energy["timestamp"].dt.hour
energy["dow"] = energy["timestamp"].dt.dayofweek
energy["load_prev"] = energy["load"].shift(1)
energy = energy.dropna()
X = energy[["hour", "dow", "load_prev", "temp"]]
y = energy["load"]
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, shuffle=True, random_state=42)  # finds: random-split-of-time-ordered-data
rf = RandomForestRegressor(random_state=42).fit(X_tr, y_tr)
print(mean_absolute_error(y_te, rf.predict(X_te)))
