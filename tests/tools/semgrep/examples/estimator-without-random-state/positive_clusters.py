import pandas as pd
from sklearn import cluster
from sklearn.metrics import silhouette_score

points = pd.read_csv("points.csv").to_numpy()
for count in range(2, 8):
    model = cluster.KMeans(n_clusters=count)  # finds: estimator-without-random-state
    labels = model.fit_predict(points)
    print(count, silhouette_score(points, labels))
