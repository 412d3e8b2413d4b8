import pandas as pd


def score(model, customers: pd.DataFrame) -> pd.DataFrame:
    return customers.assign(score=model.predict_proba(customers)[:, 1])
