from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import MinMaxScaler

scaled = MinMaxScaler().fit_transform(features)  # finds: scaled-before-cross-validation
folds = StratifiedKFold(5, shuffle=True, random_state=0)
for train, test in folds.split(scaled, labels):
    model.fit(scaled[train], labels[train])
    print(model.score(scaled[test], labels[test]))
