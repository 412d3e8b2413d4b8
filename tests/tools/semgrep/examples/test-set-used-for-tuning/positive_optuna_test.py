import optuna
import xgboost as xgb
from sklearn.datasets import load_wine
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1, stratify=y)

def objective(trial):
    params = {"max_depth": trial.suggest_int("max_depth", 2, 8), "eta": trial.suggest_float("eta", 1e-3, 0.3, log=True)}
    m = xgb.XGBClassifier(**params, random_state=1).fit(X_train, y_train)
    return log_loss(y_test, m.predict_proba(X_test))  # finds: test-set-used-for-tuning

study = optuna.create_study(direction="minimize")
study.optimize(objective, n_trials=50)
print(study.best_params)
