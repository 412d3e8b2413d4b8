import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine

np.random.seed(11)
X, _ = load_wine(return_X_y=True)
model = KMeans(n_clusters=3)
labels = model.fit_predict(X)
print(np.bincount(labels))
