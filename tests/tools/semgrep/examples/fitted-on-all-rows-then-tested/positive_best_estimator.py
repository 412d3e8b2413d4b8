from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, train_test_split

from tables import load

X, y = load()
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
search = GridSearchCV(Ridge(), {"alpha": [0.1, 1, 10]})
search.fit(X, y)  # finds: fitted-on-all-rows-then-tested
chosen = search.best_estimator_
print(chosen.score(X_test, y_test))


def direct(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1, 10]})
    search.fit(X, y)  # finds: fitted-on-all-rows-then-tested
    return search.best_estimator_.score(X_test, y_test)
