import json
from datetime import datetime

import joblib
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss


def run(X, y, X_val, y_val, depth, folder):
    model = RandomForestClassifier(max_depth=depth).fit(X, y)
    record = {"depth": depth, "log_loss": log_loss(y_val, model.predict_proba(X_val))}
    name = datetime.now().strftime("%Y%m%d-%H%M%S")
    joblib.dump(model, folder / f"{name}.joblib")
    with open(folder / f"{name}.json", "w") as file:
        json.dump(record, file)
