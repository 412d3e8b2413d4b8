from xgboost import XGBClassifier

model = XGBClassifier(early_stopping_rounds=20)
model.fit(X_train, y_train, eval_set=[(X_valid, y_valid)])
print(model.score(X_test, y_test))
