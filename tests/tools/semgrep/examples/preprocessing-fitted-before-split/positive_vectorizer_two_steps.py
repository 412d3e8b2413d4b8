from pathlib import Path
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

docs, cats = [], []
for folder in sorted(Path("corpus").iterdir()):
    for f in folder.glob("*.txt"):
        docs.append(f.read_text(errors="ignore"))
        cats.append(folder.name)

count_vect = CountVectorizer(stop_words="english")
counts = count_vect.fit_transform(docs)  # finds: preprocessing-fitted-before-split
tfidf = TfidfTransformer()
weights = tfidf.fit_transform(counts)  # finds: preprocessing-fitted-before-split
w_train, w_test, c_train, c_test = train_test_split(weights, cats, test_size=0.3, random_state=33)
clf = SGDClassifier(random_state=33).fit(w_train, c_train)
print(clf.score(w_test, c_test))
