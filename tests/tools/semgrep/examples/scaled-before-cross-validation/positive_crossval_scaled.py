from sklearn import datasets, preprocessing, model_selection, neighbors

iris = datasets.load_iris()
X = preprocessing.StandardScaler().fit_transform(iris.data)  # finds: scaled-before-cross-validation
knn = neighbors.KNeighborsClassifier(n_neighbors=5)
scores = model_selection.cross_val_score(knn, X, iris.target, cv=10)
print("%.3f +/- %.3f" % (scores.mean(), scores.std()))
