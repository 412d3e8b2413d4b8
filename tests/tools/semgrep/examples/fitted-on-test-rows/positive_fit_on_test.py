import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

beans = pd.read_csv("beans.csv")
X, y = beans.drop(columns="variety"), beans["variety"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
model = SVC(C=3)
model.fit(X_train, y_train)
model.fit(X_test, y_test)  # finds: fitted-on-test-rows
print(model.score(X_test, y_test))
