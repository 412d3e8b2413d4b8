import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score

df = pd.read_csv("titanic.csv")[["Pclass", "Age", "Fare", "Survived"]].dropna()
X, y = df[["Pclass", "Age", "Fare"]], df["Survived"]
model = RandomForestClassifier(n_estimators=100, random_state=1)
model.fit(X, y)
pred = model.predict(X)
print("accuracy", accuracy_score(y, pred))  # finds: scored-on-training-data-only
