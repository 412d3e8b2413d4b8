import pandas as pd
from sklearn.neighbors import KNeighborsRegressor
from sklearn.model_selection import train_test_split

df = pd.read_csv("abalone.csv")
numeric = df.drop(columns=["sex_code", "rings"])
numeric = (numeric - numeric.min()) / (numeric.max() - numeric.min())  # finds: statistics-of-all-rows-before-split
X_train, X_test, y_train, y_test = train_test_split(numeric, df["rings"], test_size=0.3, random_state=2)
knn = KNeighborsRegressor(7).fit(X_train, y_train)
print(knn.score(X_test, y_test))
