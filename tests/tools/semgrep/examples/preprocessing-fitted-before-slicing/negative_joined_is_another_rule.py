import pandas as pd
from sklearn.preprocessing import StandardScaler

train, test = pd.read_csv("train.csv"), pd.read_csv("test.csv")
both = pd.concat([train, test], axis=0)
columns = ["area", "rooms"]
both[columns] = StandardScaler().fit_transform(both[columns])
X, X_later = both[: len(train)], both[len(train) :]
