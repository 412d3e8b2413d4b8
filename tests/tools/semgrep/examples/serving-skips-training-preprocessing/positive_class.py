from sklearn.decomposition import PCA
from sklearn.svm import SVR


class Service:
    def __init__(self, components):
        self.pca = PCA(components)
        self.model = SVR()

    def train(self, data, target):
        X_reduced = self.pca.fit_transform(data)
        self.model.fit(X_reduced, target)

    def train_from(self, pca, data, target):
        X_pca = pca.fit_transform(data)
        self.model.fit(X_pca, target)

    def serve(self, rows):
        return self.model.predict(rows)  # finds: serving-skips-training-preprocessing
