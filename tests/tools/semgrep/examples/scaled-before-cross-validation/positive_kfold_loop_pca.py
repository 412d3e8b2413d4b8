import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.model_selection import StratifiedKFold
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

train = pd.read_csv('train.csv')
y = train.target.values
X = train.drop(['id', 'target'], axis=1).values
X_pca = PCA(n_components=50, random_state=0).fit_transform(X)  # finds: scaled-before-cross-validation
skf = StratifiedKFold(n_splits=5, shuffle=True, random_state=2019)
oof = np.zeros(len(train))
for fold, (trn_idx, val_idx) in enumerate(skf.split(X_pca, y)):
    clf = LogisticRegression(C=0.1, solver='liblinear')
    clf.fit(X_pca[trn_idx], y[trn_idx])
    oof[val_idx] = clf.predict_proba(X_pca[val_idx])[:, 1]
print('CV auc', roc_auc_score(y, oof))
