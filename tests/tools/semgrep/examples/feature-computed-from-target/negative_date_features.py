import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import train_test_split

df = pd.read_csv("apartments.csv")
df["age"] = 2024 - df["built_year"]
df["log_area"] = np.log(df["area"])
df["log_price"] = np.log(df["price"])
y = df["log_price"]
X = df.drop(columns=["price", "log_price", "built_year"])
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
print(RandomForestRegressor(random_state=0).fit(X_train, y_train).score(X_test, y_test))
