import numpy as np
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

X, y = np.load("x.npy"), np.load("y.npy")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)
results = {}
for alpha in [0.01, 0.1, 1, 10, 100]:
    model = Ridge(alpha=alpha).fit(X_train, y_train)
    results[alpha] = mean_squared_error(y_test, model.predict(X_test))  # finds: test-set-used-for-tuning
best_alpha = min(results, key=results.get)
final = Ridge(alpha=best_alpha).fit(X_train, y_train)
print("Test MSE:", mean_squared_error(y_test, final.predict(X_test)))
