from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
network = MLPClassifier(hidden_layer_sizes=(256, 128), max_iter=2000, random_state=1)  # finds: sklearn-without-early-stopping
pipeline = make_pipeline(StandardScaler(), network)
pipeline.fit(X_train, y_train)
print(pipeline.score(X_test, y_test))
