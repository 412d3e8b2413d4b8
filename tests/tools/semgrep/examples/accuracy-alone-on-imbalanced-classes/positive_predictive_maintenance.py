import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

m = pd.read_csv("maintenance.csv")
print(m["machine_failure"].mean())  # 0.034
X = m.drop(columns=["machine_failure", "udi"])
y = m["machine_failure"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, test_size=0.2, stratify=y)
rf = RandomForestClassifier(random_state=0).fit(X_train, y_train)
acc = accuracy_score(y_test, rf.predict(X_test))  # finds: accuracy-alone-on-imbalanced-classes
print(f"accuracy: {acc:.3f}")
