from pathlib import Path

import joblib
from xgboost import XGBClassifier

MODEL_PATH = "models/churn_model.joblib"
OUT = Path("artifacts")


def main(X, y):
    clf = XGBClassifier(n_estimators=100)
    clf.fit(X, y)
    clf.save_model("churn.json")  # finds: model-saved-to-constant-path
    joblib.dump(clf, MODEL_PATH)  # finds: model-saved-to-constant-path
    joblib.dump(clf, OUT / "model.joblib")  # finds: model-saved-to-constant-path
