import joblib
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def train(X, y, folder):
    scaler = StandardScaler()
    X = scaler.fit_transform(X)
    model = LogisticRegression().fit(X, y)
    joblib.dump(scaler, folder / "scaler.joblib")
    joblib.dump(model, folder / "model.joblib")
