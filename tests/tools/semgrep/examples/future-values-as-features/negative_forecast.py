import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor

s = pd.read_csv("visits.csv", parse_dates=["day"], index_col="day")["visits"].asfreq("D").ffill()
frame = pd.DataFrame({"y": s})
for k in (1, 7, 14):
    frame[f"lag{k}"] = s.shift(k)
frame["mean7"] = s.shift(1).rolling(7).mean()
frame = frame.dropna()
cut = "2023-06-30"
train, test = frame.loc[:cut], frame.loc[cut:].iloc[1:]
gb = GradientBoostingRegressor(random_state=0).fit(train.drop(columns="y"), train["y"])
print(np.mean(np.abs(gb.predict(test.drop(columns="y")) - test["y"])))
