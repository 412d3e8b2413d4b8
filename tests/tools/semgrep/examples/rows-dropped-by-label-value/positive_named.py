import pandas as pd
from sklearn.ensemble import RandomForestClassifier

data = pd.read_csv("messages.csv")
data = data[data["label"] != "unclear"]  # finds: rows-dropped-by-label-value
X, labels = data.drop(columns="label"), data["label"]
model = RandomForestClassifier(random_state=0)
model.fit(X, labels)
print(model.classes_)
