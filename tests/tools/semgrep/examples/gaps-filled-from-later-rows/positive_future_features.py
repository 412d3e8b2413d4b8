import pandas as pd
import lightgbm as lgb

demand = pd.read_csv("demand.csv", parse_dates=["ds"])
demand = demand.sort_values(["store", "ds"])
grp = demand.groupby("store")["sales"]
demand["lag_7"] = grp.shift(7)
demand["next_promo_sales"] = grp.shift(-1)
demand["smooth"] = demand["sales"].rolling(7, center=True).mean()
demand["temperature"] = demand["temperature"].bfill()  # finds: gaps-filled-from-later-rows
demand["lead"] = demand["stock"].shift(periods=-3)
cutoff = pd.Timestamp("2023-01-01")
train = demand[demand.ds < cutoff]
valid = demand[demand.ds >= cutoff]
feats = ["lag_7", "next_promo_sales", "smooth", "temperature", "lead"]
booster = lgb.train({"objective": "l2", "seed": 3}, lgb.Dataset(train[feats], train["sales"]),
                    valid_sets=[lgb.Dataset(valid[feats], valid["sales"])])
