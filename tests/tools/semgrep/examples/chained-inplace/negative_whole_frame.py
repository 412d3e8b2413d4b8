import pandas as pd


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    frame.fillna({"age": 0}, inplace=True)
    frame.index.rename("row", inplace=True)
    frame["city"] = frame["city"].replace("NYC", "New York")
    frame.drop(columns=["note"], inplace=True)
    ages = frame["age"].copy()
    ages.clip(lower=0, inplace=True)
    return frame.assign(age=ages)
