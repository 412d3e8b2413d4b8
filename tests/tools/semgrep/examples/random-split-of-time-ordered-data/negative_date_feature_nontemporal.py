import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.metrics import f1_score

people = pd.read_csv("surveys.csv")
people["birth"] = pd.to_datetime(people["birth"])
people["age"] = (pd.Timestamp("2024-01-01") - people["birth"]).dt.days / 365.25
X = people[["age", "income", "household"]]
y = people["owns_car"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
rf = RandomForestClassifier(random_state=0).fit(X_train, y_train)
print(f1_score(y_test, rf.predict(X_test)))
