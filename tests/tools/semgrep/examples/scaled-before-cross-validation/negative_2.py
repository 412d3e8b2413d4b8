from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.preprocessing import StandardScaler

X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
scaled = StandardScaler().fit_transform(X_train)
final.fit(scaled, y_train)
print(cross_val_score(pipeline, X_train, y_train))
