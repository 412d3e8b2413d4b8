from sklearn.ensemble import RandomForestClassifier

model = RandomForestClassifier(random_state=0)
model.fit(X_train, y_train)
model.fit(X_test, y_test)  # finds: fitted-on-test-rows
print(model.score(X_test, y_test))
