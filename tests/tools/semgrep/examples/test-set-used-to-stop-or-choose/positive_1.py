from xgboost import XGBClassifier

model = XGBClassifier(early_stopping_rounds=20)
model.fit(X_train, y_train, eval_set=[(X_test, y_test)])  # finds: test-set-used-to-stop-or-choose
print(model.score(X_test, y_test))
