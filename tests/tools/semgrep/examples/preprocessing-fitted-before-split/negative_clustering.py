import pandas as pd
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

customers = pd.read_csv("mall.csv")
X = StandardScaler().fit_transform(customers[["income", "spend"]])
for k in range(2, 9):
    labels = KMeans(k, n_init=10, random_state=0).fit_predict(X)
    print(k, silhouette_score(X, labels))
emb = PCA(2, random_state=0).fit_transform(X)
customers["segment"] = KMeans(5, n_init=10, random_state=0).fit_predict(X)
customers.to_csv("segments.csv", index=False)
