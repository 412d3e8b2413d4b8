import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

train_df = pd.read_csv("train.csv")
test_df = pd.read_csv("test.csv")
vec = TfidfVectorizer(ngram_range=(1, 2))
vec.fit(pd.concat([train_df["text"], test_df["text"]]))  # finds: train-and-test-joined-then-fitted
X_train = vec.transform(train_df["text"])
X_test = vec.transform(test_df["text"])
lr = LogisticRegression(max_iter=1000).fit(X_train, train_df["label"])
print(f1_score(test_df["label"], lr.predict(X_test)))
