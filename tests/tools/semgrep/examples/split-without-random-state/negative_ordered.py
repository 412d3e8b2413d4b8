from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_score, train_test_split

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)
print(cross_val_score(Ridge(), X_train, y_train, cv=KFold(5)).mean())
print(Ridge().fit(X_train, y_train).score(X_test, y_test))
