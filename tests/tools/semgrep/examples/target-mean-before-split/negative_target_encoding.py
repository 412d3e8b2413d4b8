import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("ads.csv")
train, test = train_test_split(df, test_size=0.2, random_state=0, stratify=df["clicked"])
train, test = train.copy(), test.copy()
means = train.groupby("site_id")["clicked"].mean()
prior = train["clicked"].mean()
for part in (train, test):
    part["site_ctr"] = part["site_id"].map(means).fillna(prior)
feats = ["site_ctr", "hour", "banner_pos"]
m = LGBMClassifier(random_state=0).fit(train[feats], train["clicked"])
print(roc_auc_score(test["clicked"], m.predict_proba(test[feats])[:, 1]))
