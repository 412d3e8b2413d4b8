from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score, train_test_split

X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=7)
folds = KFold(n_splits=5, shuffle=True, random_state=7)
print(cross_val_score(LogisticRegression(), X_train, y_train, cv=folds).mean())
