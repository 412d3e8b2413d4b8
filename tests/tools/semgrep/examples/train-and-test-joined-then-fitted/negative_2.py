import numpy as np

scaler.fit(X_train)
X = np.vstack((X_train, X_test))
plot(scaler.transform(X))
