from sklearn.metrics import brier_score_loss, roc_auc_score


def acceptable(model, X, y):
    p = model.predict_proba(X)[:, 1]
    auc = roc_auc_score(y, p)
    return auc > 0.8 and brier_score_loss(y, p) < 0.2
