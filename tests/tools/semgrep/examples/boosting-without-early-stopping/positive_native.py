import lightgbm as lgb
import numpy as np


def train_demand(X, y, X_val, y_val):
    """Gradient boosting on the log of demand."""
    params = {"objective": "regression", "learning_rate": 0.03, "num_leaves": 63, "verbose": -1}
    train = lgb.Dataset(X, np.log1p(y))
    valid = lgb.Dataset(X_val, np.log1p(y_val), reference=train)
    booster = lgb.train(  # finds: boosting-without-early-stopping
        params,
        train,
        num_boost_round=3000,
        valid_sets=[valid],
        callbacks=[lgb.log_evaluation(200)],
    )
    return booster
