from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

scores = cross_val_score(make_pipeline(StandardScaler(), SVC()), X, y, cv=5)
print(scores.mean())
