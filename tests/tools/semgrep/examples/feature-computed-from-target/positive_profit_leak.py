import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_percentage_error
from sklearn.model_selection import train_test_split

def engineer(df):
    df = df.copy()
    df["price_per_sqft"] = df["price"] / df["sqft"]  # finds: feature-computed-from-target
    df["age"] = 2024 - df["built"]
    return df

homes = engineer(pd.read_csv("homes.csv"))
y = homes["price"]
X = homes.drop(columns=["price", "address"])
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=6)
rf = RandomForestRegressor(random_state=6, n_jobs=-1).fit(X_train, y_train)
print(mean_absolute_percentage_error(y_test, rf.predict(X_test)))
