from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import train_test_split

from tables import load

X, y = load()
forest = RandomForestRegressor(random_state=0)
forest.fit(X, y)
print(forest.feature_importances_)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
forest.fit(X_train, y_train)
print(forest.score(X_test, y_test))
