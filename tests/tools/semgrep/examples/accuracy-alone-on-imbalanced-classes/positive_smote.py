import numpy as np
from imblearn.over_sampling import SMOTE
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

train, test = np.load("train.npz"), np.load("test.npz")
X, y = SMOTE(random_state=0).fit_resample(train["x"], train["y"])
model = LogisticRegression().fit(X, y)
score = metrics.accuracy_score(test["y"], model.predict(test["x"]))  # finds: accuracy-alone-on-imbalanced-classes
print(f"accuracy {score:.3f}")
