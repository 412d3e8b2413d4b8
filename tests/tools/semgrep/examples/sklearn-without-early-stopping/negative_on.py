from sklearn.neural_network import MLPRegressor
from sklearn.ensemble import GradientBoostingClassifier


def build(kind):
    if kind == "mlp":
        return MLPRegressor((64, 64), max_iter=1000, early_stopping=True, validation_fraction=0.15)
    return GradientBoostingClassifier(n_estimators=1000, n_iter_no_change=15, validation_fraction=0.1)
