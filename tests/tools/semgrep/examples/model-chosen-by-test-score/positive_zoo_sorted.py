from sklearn.datasets import load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
board = []
for model in (LinearDiscriminantAnalysis(), GaussianNB(), KNeighborsClassifier()):
    model.fit(X_train, y_train)
    board.append((f1_score(y_test, model.predict(X_test), average="macro"), type(model).__name__))  # finds: model-chosen-by-test-score
best_score, best_name = max(board)
print(best_name, best_score)
