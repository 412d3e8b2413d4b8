import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import train_test_split

taxi = pd.read_csv("taxi.csv")
taxi = taxi[:50000]  # finds: head-of-file-as-sample
X, y = taxi[["distance", "hour", "passengers"]], taxi["fare"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
gbr = GradientBoostingRegressor(random_state=0).fit(X_train, y_train)
print(gbr.score(X_test, y_test))
