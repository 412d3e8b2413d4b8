from sklearn.datasets import load_diabetes
from sklearn.model_selection import cross_val_score
from xgboost import XGBRegressor

X, y = load_diabetes(return_X_y=True)
for depth in (2, 3, 4):
    model = XGBRegressor(n_estimators=120, max_depth=depth, learning_rate=0.05)
    scores = cross_val_score(model, X, y, cv=5, scoring="neg_mean_absolute_error")
    print(depth, -scores.mean())
