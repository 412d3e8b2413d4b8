import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

flowers = pd.read_csv("iris.csv")
X, y = flowers.drop(columns="species"), flowers["species"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1, stratify=y)
X_full = pd.concat([X_train, X_test])
y_full = pd.concat([y_train, y_test])
model = LogisticRegression(max_iter=300)
model.fit(X_full, y_full)  # finds: model-fitted-on-training-and-test-rows
print("accuracy on the test part", model.score(X_test, y_test))
