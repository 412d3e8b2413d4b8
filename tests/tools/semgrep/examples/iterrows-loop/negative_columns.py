import pandas as pd


def distances(trips: pd.DataFrame) -> pd.DataFrame:
    return trips.assign(distance=(trips.x1 - trips.x0).abs() + (trips.y1 - trips.y0).abs())
