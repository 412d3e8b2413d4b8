import joblib

model = joblib.load("churn-1.2.joblib")


def at_risk(frame):
    churn = model.predict_proba(frame)[:, 1]
    frame = frame.assign(churn=churn)
    return frame[churn > 0.4]  # finds: hard-coded-threshold-of-prediction
