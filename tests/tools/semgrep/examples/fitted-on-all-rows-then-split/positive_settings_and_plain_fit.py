from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import RandomizedSearchCV, train_test_split


def settings(X, y):
    found = RandomizedSearchCV(RandomForestClassifier(random_state=0), {"max_depth": [3, 6, 9]}).fit(X, y)  # finds: fitted-on-all-rows-then-split
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = RandomForestClassifier(**found.best_params_, random_state=0)
    model.fit(X_train, y_train)
    return f1_score(y_test, model.predict(X_test))


def plain(X, y):
    forest = RandomForestClassifier(random_state=0)
    forest.fit(X, y)  # finds: fitted-on-all-rows-then-split
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    return forest.score(X_test, y_test)
