from sklearn.datasets import load_wine
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
for name, model in {"bayes": GaussianNB(), "neighbours": KNeighborsClassifier()}.items():
    model.fit(X_train, y_train)
    print(f"{name}: {f1_score(y_test, model.predict(X_test), average='macro'):.3f}")
