import numpy as np
import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import train_test_split


class Experiment:
    def __init__(self, csv):
        self.df = pd.read_csv(csv)

    def reduce(self):
        svd = TruncatedSVD(n_components=30, random_state=0)
        self.X = svd.fit_transform(self.df.drop(columns=["y"]))  # finds: preprocessing-fitted-in-function-before-split
        self.y = self.df["y"].values

    def split(self):
        parts = train_test_split(self.X, self.y, test_size=0.2, random_state=0)
        self.X_train, self.X_test, self.y_train, self.y_test = parts

    def fit(self):
        self.model = ExtraTreesRegressor(random_state=0).fit(self.X_train, self.y_train)
        return self.model.score(self.X_test, self.y_test)


exp = Experiment("spectra.csv")
exp.reduce()
exp.split()
print(exp.fit())
