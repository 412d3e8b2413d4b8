import pandas as pd
from sklearn.tree import DecisionTreeClassifier

data = pd.read_csv("patients.csv")
X, y = data.drop(columns="ill"), data["ill"]
model = DecisionTreeClassifier(random_state=0)
model.fit(X, y)
accuracy = model.score(X, y)  # finds: scored-on-training-data-only
print(f"accuracy {accuracy:.3f}")
