import pandas as pd
from keras.preprocessing.text import Tokenizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

reviews = pd.read_csv("reviews.csv")
first, second, y_first, y_second = train_test_split(reviews.text, reviews.stars, random_state=1)
words = Tokenizer(num_words=5000)
words.fit_on_texts(first)
X, X_second = words.texts_to_matrix(first), words.texts_to_matrix(second)
print(LogisticRegression().fit(X, y_first).score(X_second, y_second))
