import pandas as pd
from sklearn.model_selection import train_test_split

data = pd.read_csv("houses.csv")
data["area"] = data["area"].fillna(data["area"].mean())  # finds: statistics-of-all-rows-before-split
X = data.drop("price", axis=1)
X_train, X_test, y_train, y_test = train_test_split(X, data["price"], random_state=0)
