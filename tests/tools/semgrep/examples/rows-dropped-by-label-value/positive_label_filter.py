import pandas as pd
from sklearn.svm import LinearSVC
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.model_selection import train_test_split

tickets = pd.read_csv("tickets.csv")
tickets = tickets[tickets["label"] != "other"]  # finds: rows-dropped-by-label-value
X_train, X_test, y_train, y_test = train_test_split(tickets["text"], tickets["label"], random_state=4, stratify=tickets["label"])
clf = make_pipeline(TfidfVectorizer(), LinearSVC(random_state=4)).fit(X_train, y_train)
print(clf.score(X_test, y_test))
