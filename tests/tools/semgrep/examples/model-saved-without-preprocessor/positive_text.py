import pickle

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier


def train(texts, labels, path):
    tfidf = TfidfVectorizer(min_df=3, ngram_range=(1, 2))
    features = tfidf.fit_transform(texts)
    clf = SGDClassifier(loss="log_loss").fit(features, labels)
    with open(path, "wb") as out:
        pickle.dump(clf, out)  # finds: model-saved-without-preprocessor
