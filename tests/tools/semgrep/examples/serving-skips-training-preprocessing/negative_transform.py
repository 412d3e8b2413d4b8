from flask import Flask, jsonify, request
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB

from corpus import texts, topics

app = Flask(__name__)
vectorizer = TfidfVectorizer()
X = vectorizer.fit_transform(texts)
model = MultinomialNB().fit(X, topics)


@app.route("/topic", methods=["POST"])
def topic():
    features = vectorizer.transform([request.json["text"]])
    return jsonify(topic=model.predict(features)[0])
