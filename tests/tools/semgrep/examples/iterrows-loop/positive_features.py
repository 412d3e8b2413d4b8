import pandas as pd


def distances(trips: pd.DataFrame) -> pd.DataFrame:
    result = []
    for _, trip in trips.iterrows():  # finds: iterrows-loop
        result.append(abs(trip["x1"] - trip["x0"]) + abs(trip["y1"] - trip["y0"]))
    return trips.assign(distance=result)
