import pandas as pd
from sklearn.ensemble import RandomForestClassifier

data = pd.read_csv("messages.csv")
data = data[data["label"].notna()]
spam = data[data["label"] == "spam"]
print(len(spam))
model = RandomForestClassifier(random_state=0)
model.fit(data.drop(columns="label"), data["label"])
