import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import KNNImputer
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split


def load(path):
    return pd.read_csv(path)


def clean(frame):
    frame = frame.drop_duplicates()
    num = frame.select_dtypes("number").columns.drop("price")
    imputer = KNNImputer(n_neighbors=5)
    frame[num] = imputer.fit_transform(frame[num])  # finds: preprocessing-fitted-in-function-before-split
    return frame


def train(path):
    houses = clean(load(path))
    X = houses.drop(columns=["price"])
    y = houses["price"]
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, random_state=42)
    rf = RandomForestRegressor(n_estimators=300, random_state=42)
    rf.fit(X_train, y_train)
    print("MAE", mean_absolute_error(y_val, rf.predict(X_val)))


if __name__ == "__main__":
    train("houses.csv")
