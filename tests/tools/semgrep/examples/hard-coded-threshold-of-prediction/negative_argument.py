def at_risk(model, frame, limit):
    churn = model.predict_proba(frame)[:, 1]
    return frame[churn > limit]
