from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.neural_network import MLPClassifier

MODELS = {
    "boosting": GradientBoostingClassifier(n_estimators=100),
    "forest": RandomForestClassifier(n_estimators=1000, n_jobs=-1),
    "network": MLPClassifier(max_iter=200),
}


def fit_all(X, y):
    return {name: model.fit(X, y) for name, model in MODELS.items()}
