import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("concrete.csv")
X, y = df.iloc[:, :-1], df.iloc[:, -1]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)
forest = RandomForestRegressor(random_state=0).fit(X_train, y_train)
for name, X_part, y_part in (("train", X_train, y_train), ("test", X_test, y_test)):
    print(name, r2_score(y_part, forest.predict(X_part)))
