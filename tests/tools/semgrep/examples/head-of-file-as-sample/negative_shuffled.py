import pandas as pd
from sklearn.ensemble import RandomForestRegressor

data = pd.read_csv("trips.csv")
data = data.sample(frac=1, random_state=0)
train = data[:50000]
X, y = train.drop(columns="fare"), train["fare"]
forest = RandomForestRegressor(n_estimators=50, random_state=0)
forest.fit(X, y)
