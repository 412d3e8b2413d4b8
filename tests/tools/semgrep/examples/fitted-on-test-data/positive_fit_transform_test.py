from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

X, y = load_breast_cancer(return_X_y=True)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, random_state=3)

mm = MinMaxScaler()
X_tr = mm.fit_transform(X_tr)
X_te = mm.fit_transform(X_te)  # finds: fitted-on-test-data

pca = PCA(n_components=8, random_state=3)
X_tr = pca.fit_transform(X_tr)
X_te = pca.transform(X_te)

svm = SVC(C=2.0)
svm.fit(X_tr, y_tr)
print("test score:", svm.score(X_te, y_te))
