from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
for seed in range(5):
    model = RandomForestClassifier(random_state=seed)
    model.fit(X_train, y_train)
    print(seed, model.score(X_test, y_test))
