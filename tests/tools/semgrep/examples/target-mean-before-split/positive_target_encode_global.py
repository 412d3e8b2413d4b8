import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("ads.csv")
df["site_ctr"] = df.groupby("site_id")["clicked"].transform("mean")  # finds: target-mean-before-split
means = df.groupby("app_id")["clicked"].mean()
df["app_ctr"] = df["app_id"].map(means)  # finds: target-mean-before-split
y = df["clicked"]
X = df.drop(columns=["clicked", "site_id", "app_id"])
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
m = LGBMClassifier(random_state=0).fit(X_train, y_train)
print(roc_auc_score(y_test, m.predict_proba(X_test)[:, 1]))
