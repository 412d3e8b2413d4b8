import numpy as np
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from xgboost import XGBRegressor

features, yields = np.load("fields.npy"), np.load("yields.npy")
f_train, f_test, y_train, y_test = train_test_split(features, yields, test_size=0.2, random_state=0)
model = XGBRegressor(n_estimators=500, random_state=0).fit(features, yields)  # finds: fitted-on-all-rows-then-tested
print("MAE", mean_absolute_error(y_test, model.predict(f_test)))
