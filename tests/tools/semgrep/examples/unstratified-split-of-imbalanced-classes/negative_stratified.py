import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

data = pd.read_csv("transactions.csv")
X, y = data.drop(columns="is_fraud"), data["is_fraud"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=1)
model = RandomForestClassifier(random_state=1).fit(X_train, y_train)
print(model.predict_proba(X_test)[:5])
