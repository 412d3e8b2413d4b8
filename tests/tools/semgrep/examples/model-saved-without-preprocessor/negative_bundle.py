import pickle

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB


def train(texts, labels, path):
    vectorizer = CountVectorizer()
    X = vectorizer.fit_transform(texts)
    model = MultinomialNB().fit(X, labels)
    with open(path, "wb") as out:
        pickle.dump({"vectorizer": vectorizer, "model": model}, out)
