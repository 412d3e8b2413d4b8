import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import train_test_split


def centred(spectra):
    return spectra.sub(spectra.mean(axis=1), axis=0)


def describe(spectra):
    scaled = (spectra - spectra.mean()) / spectra.std()
    return scaled.describe()


def read(path):
    return pd.read_csv(path, index_col=0)


spectra = read("spectra.csv")
print(describe(spectra))
X = centred(spectra.drop(columns="moisture"))
X_train, X_test, y_train, y_test = train_test_split(X, spectra["moisture"], random_state=0)
forest = RandomForestRegressor(random_state=0).fit(X_train, y_train)
print(forest.score(X_test, y_test))
