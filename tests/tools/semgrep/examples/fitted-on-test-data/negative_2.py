from sklearn.manifold import TSNE

tsne = TSNE(2)
picture = tsne.fit_transform(X_test)
model.fit(X_train, y_train)
print(model.score(X_test, y_test))
