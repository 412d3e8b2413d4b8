import pandas as pd
from sklearn.neighbors import KNeighborsClassifier
from sklearn.model_selection import train_test_split

df = pd.read_csv("diabetes.csv")
X, y = df.drop("Outcome", axis=1), df["Outcome"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
best_k, best_score = None, 0
for k in range(1, 30):
    knn = KNeighborsClassifier(n_neighbors=k)
    knn.fit(X_train, y_train)
    s = knn.score(X_test, y_test)  # finds: test-set-used-for-tuning
    if s > best_score:
        best_k, best_score = k, s
print("best k", best_k, "accuracy", best_score)
