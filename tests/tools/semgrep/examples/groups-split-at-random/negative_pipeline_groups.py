import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_validate

ecg = pd.read_feather("beats.feather")
groups = ecg["subject"]
y = (ecg["rhythm"] == "AF").astype(int)
X = ecg.drop(columns=["subject", "rhythm"])
cv = StratifiedGroupKFold(n_splits=5, shuffle=True, random_state=0)
res = cross_validate(HistGradientBoostingClassifier(random_state=0), X, y, groups=groups, cv=cv, scoring=["roc_auc", "average_precision"])
for key, value in res.items():
    print(key, value.mean())
