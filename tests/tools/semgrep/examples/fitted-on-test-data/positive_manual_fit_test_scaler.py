import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

train = np.load("train.npz"); test = np.load("test.npz")
X_train, y_train = train["X"], train["y"]
X_test, y_test = test["X"], test["y"]
X_train = SimpleImputer().fit_transform(X_train)
X_test = SimpleImputer().fit_transform(X_test)  # finds: fitted-on-test-data
sc = StandardScaler()
X_train_s = sc.fit_transform(X_train)
sc_test = StandardScaler()
sc_test.fit(X_test)  # finds: fitted-on-test-data
X_test_s = sc_test.transform(X_test)
print(LogisticRegression().fit(X_train_s, y_train).score(X_test_s, y_test))
