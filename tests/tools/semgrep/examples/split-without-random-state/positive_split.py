import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

data = pd.read_csv("iris.csv")
X, y = data.drop(columns="species"), data["species"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)  # finds: split-without-random-state
model = LogisticRegression().fit(X_train, y_train)
print(model.score(X_test, y_test))
