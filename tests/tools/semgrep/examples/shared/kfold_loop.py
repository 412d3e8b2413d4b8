import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import KFold
from lightgbm import LGBMRegressor, early_stopping

train = pd.read_csv('train.csv')
test = pd.read_csv('test.csv')
features = [c for c in train.columns if c not in ('id', 'loss')]
kf = KFold(n_splits=5, shuffle=True, random_state=42)
oof = np.zeros(len(train))
preds = np.zeros(len(test))
for tr, va in kf.split(train):
    scaler = StandardScaler().fit(train.loc[tr, features])
    x_tr, x_va = scaler.transform(train.loc[tr, features]), scaler.transform(train.loc[va, features])
    m = LGBMRegressor(n_estimators=5000, learning_rate=0.02, random_state=42)
    m.fit(x_tr, train.loss[tr], eval_set=[(x_va, train.loss[va])], callbacks=[early_stopping(100)])
    oof[va] = m.predict(x_va)
    preds += m.predict(scaler.transform(test[features])) / kf.n_splits
test['loss'] = preds
test[['id', 'loss']].to_csv('submission.csv', index=False)
