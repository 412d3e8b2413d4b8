from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_score

X, y = load_diabetes(return_X_y=True)
cv = KFold(n_splits=10, shuffle=True)  # finds: split-without-random-state
gbr = GradientBoostingRegressor(subsample=0.7)
print(cross_val_score(gbr, X, y, cv=cv, scoring="neg_mean_absolute_error").mean())
