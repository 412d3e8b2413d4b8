import numpy as np

def embed(X_train, X_test, pca):
    X = np.vstack((X_train, X_test))
    pca.fit(X)  # finds: train-and-test-joined-then-fitted
    return pca.transform(X_train), pca.transform(X_test)
