import pandas as pd
import numpy as np
from lightgbm import LGBMRegressor
from sklearn.model_selection import KFold

sales = pd.read_csv("store_sales.csv", parse_dates=["date"]).sort_values("date").reset_index(drop=True)
sales["lag7"] = sales.groupby("store")["qty"].shift(7)
sales = sales.dropna()
X, y = sales[["lag7", "promo", "dow"]], sales["qty"]
errs = []
for a, b in KFold(5, shuffle=True, random_state=0).split(X):  # finds: random-split-of-time-ordered-data
    m = LGBMRegressor(random_state=0).fit(X.iloc[a], y.iloc[a])
    errs.append(np.abs(m.predict(X.iloc[b]) - y.iloc[b]).mean())
print(np.mean(errs))
