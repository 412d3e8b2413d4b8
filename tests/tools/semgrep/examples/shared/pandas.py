import numpy as np
import pandas as pd

class Report:
    def __init__(self, table: pd.DataFrame):
        self.table = table
        self.cells = {"a": [0, 0], "b": [0, 0]}
        self.grid = np.zeros((4, 4))

    def fill(self):
        self.cells["a"][1] = 7
        self.grid[0][1] = 2.0
        self.table.loc[self.table["v"].isna(), "v"] = 0
        self.table["w"] = np.where(self.table["v"] > 3, 1, 0)
        self.table.at[0, "v"] = 5
        self.table.iloc[0, 2] = 1
        self.table.fillna({"w": 0}, inplace=True)
        meta = {}
        meta["x"] = {}
        meta["x"]["y"] = self.table.shape
        return meta
