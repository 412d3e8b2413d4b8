from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

X, y = load_wine(return_X_y=True)
model = RandomForestClassifier(n_estimators=200, random_state=0)
print(cross_val_score(model, X, y, cv=5).mean())
model.fit(X, y)
print(model.feature_importances_)
