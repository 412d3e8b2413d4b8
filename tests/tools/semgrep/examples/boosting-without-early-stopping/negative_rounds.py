import xgboost as xgb


def fit(X, y, X_val, y_val, seed):
    train, valid = xgb.DMatrix(X, y), xgb.DMatrix(X_val, y_val)
    params = {"objective": "binary:logistic", "eta": 0.05, "max_depth": 6, "seed": seed}
    return xgb.train(
        params,
        train,
        num_boost_round=5000,
        evals=[(train, "train"), (valid, "valid")],
        early_stopping_rounds=100,
        verbose_eval=False,
    )
