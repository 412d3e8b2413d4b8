import pandas as pd
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.svm import SVC

table = pd.read_csv("penguins.csv")
X, y = table[["bill", "flipper"]], table["species"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
search = GridSearchCV(SVC(), {"C": [0.1, 1, 10]}, cv=5)
search.fit(X_train, y_train)
print("accuracy on the test part:", search.best_estimator_.score(X_test, y_test))
final = SVC(**search.best_params_).fit(X, y)
