import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

df = pd.read_csv("sales.csv")
df["margin_ratio"] = df["revenue"] / (df["cost"] + 1)  # finds: feature-computed-from-target
df["units_per_visit"] = df["units"] / df["visits"]
X = df.drop("revenue", axis=1)
y = df["revenue"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=1)
reg = LinearRegression().fit(X_train, y_train)
print("R2:", reg.score(X_test, y_test))
