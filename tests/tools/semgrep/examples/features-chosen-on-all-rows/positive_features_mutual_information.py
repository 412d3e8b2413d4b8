import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import mutual_info_classif
from sklearn.model_selection import cross_val_score

data = pd.read_csv("metabolites.csv")
y = data.pop("case")
scores = pd.Series(mutual_info_classif(data, y, random_state=0), index=data.columns)  # finds: features-chosen-on-all-rows
keep = scores[scores > 0.02].index
forest = RandomForestClassifier(random_state=0)
print(cross_val_score(forest, data[keep], y, cv=5).mean())
