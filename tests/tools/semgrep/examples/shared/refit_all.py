import joblib
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import train_test_split

df = pd.read_csv("bikes.csv")
X, y = df.drop(columns="count"), df["count"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
model = RandomForestRegressor(random_state=0)
model.fit(X_train, y_train)
print("held out R2", model.score(X_test, y_test))
final = RandomForestRegressor(random_state=0)
final.fit(X, y)
joblib.dump(final, "bikes.joblib")
