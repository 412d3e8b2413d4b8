import numpy as np
import pandas as pd
import sklearn.model_selection as ms
from sklearn.impute import KNNImputer
from sklearn.ensemble import RandomForestRegressor


def fill(train, test):
    imputer = KNNImputer(n_neighbors=5)
    return imputer.fit_transform(train), imputer.transform(test)


def main():
    houses = pd.read_csv("data/ames.csv")
    target = np.log1p(houses["SalePrice"])
    feats = houses.drop("SalePrice", axis=1).select_dtypes("number")
    a, b, c, d = ms.train_test_split(feats, target, random_state=0)
    a, b = fill(a, b)
    rf = RandomForestRegressor(n_estimators=300, random_state=0)
    rf.fit(a, c)
    print("R2", rf.score(b, d))


if __name__ == "__main__":
    main()
