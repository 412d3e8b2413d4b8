import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import LabelEncoder

train = pd.read_csv("/kaggle/input/titanic/train.csv")
train["Sex"] = LabelEncoder().fit_transform(train["Sex"])
cols = ["Pclass", "Age", "Fare"]
X_train = train[cols].fillna(0)
y_train = train["Survived"]
random_forest = RandomForestClassifier(n_estimators=100, random_state=1)
random_forest.fit(X_train, y_train)
acc = round(random_forest.score(X_train, y_train) * 100, 2)  # finds: scored-on-training-data-only
print(acc)
