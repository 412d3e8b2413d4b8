import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split as tts

ships = pd.read_csv("passengers.csv")
columns = ["age", "fare"]
ships[columns] = SimpleImputer().fit_transform(ships[columns])  # finds: preprocessing-fitted-before-split
first, second = tts(ships, random_state=0)
forest = RandomForestClassifier(random_state=0).fit(first[columns], first["survived"])
print(forest.score(second[columns], second["survived"]))
