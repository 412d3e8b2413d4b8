from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, ShuffleSplit, cross_val_score

X, y = load_diabetes(return_X_y=True)
folds = KFold(n_splits=5, shuffle=True)  # finds: split-without-random-state
print(cross_val_score(Ridge(), X, y, cv=folds).mean())
draws = ShuffleSplit(n_splits=10, test_size=0.2)  # finds: split-without-random-state
print(cross_val_score(Ridge(), X, y, cv=draws).mean())
