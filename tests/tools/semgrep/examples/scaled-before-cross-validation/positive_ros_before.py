import pandas as pd
from imblearn.over_sampling import RandomOverSampler
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score
from sklearn.model_selection import StratifiedKFold, cross_val_score

df = pd.read_csv("default_credit.csv")
X, y = df.drop(columns=["default"]), df["default"]
ros = RandomOverSampler(random_state=0)
X_over, y_over = ros.fit_resample(X, y)  # finds: scaled-before-cross-validation
cv = StratifiedKFold(5, shuffle=True, random_state=0)
print(cross_val_score(LogisticRegression(max_iter=3000), X_over, y_over, cv=cv, scoring="recall"))
