import xgboost as xgb
from sklearn.datasets import fetch_california_housing
from sklearn.model_selection import train_test_split
from sklearn.metrics import mean_squared_error

X, y = fetch_california_housing(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=4)
reg = xgb.XGBRegressor(n_estimators=3000, early_stopping_rounds=50, learning_rate=0.03, random_state=4)
reg.fit(X_train, y_train, eval_set=[(X_train, y_train), (X_test, y_test)], verbose=False)  # finds: test-set-used-to-stop-or-choose
print(mean_squared_error(y_test, reg.predict(X_test)))
