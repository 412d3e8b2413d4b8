import pandas as pd
from sklearn.ensemble import RandomForestRegressor

trips = pd.read_csv("trips.csv", nrows=50000)  # finds: head-of-file-as-sample
X, y = trips.drop(columns="fare"), trips["fare"]
forest = RandomForestRegressor(n_estimators=50, random_state=0)
forest.fit(X, y)
print(forest.feature_importances_)
