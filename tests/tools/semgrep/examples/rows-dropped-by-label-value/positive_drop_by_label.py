import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import train_test_split

df = pd.read_csv("listings.csv")
df = df[df["price"] < 500]  # finds: rows-dropped-by-label-value
X, y = df[["rooms", "lat", "lon"]], df["price"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
rf = RandomForestRegressor(random_state=0).fit(X_train, y_train)
print(rf.score(X_test, y_test))
