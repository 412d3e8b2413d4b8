import numpy as np
import pandas as pd

def tidy(path):
    people = pd.read_csv(path)
    people["age"][people["age"] < 0] = np.nan  # finds: chained-assignment
    people[people["income"] > 1e6]["income"] = 1e6  # finds: chained-assignment
    people.loc[people.city == "NYC"]["state"] = "NY"  # finds: chained-assignment
    people["score"].iloc[0] = 1.0  # finds: chained-assignment
    people.loc[people["zip"].isna(), "zip"] = "00000"
    people["tags"] = people["tags"].str.lower()
    lookup = {"a": {"b": 1}}
    lookup["a"]["b"] = 2
    return people, lookup
