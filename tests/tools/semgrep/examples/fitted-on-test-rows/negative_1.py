model.fit(X_train, y_train)
print(model.score(X_test, y_test))
