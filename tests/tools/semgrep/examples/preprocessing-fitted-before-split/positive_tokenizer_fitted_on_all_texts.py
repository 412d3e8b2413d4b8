import pandas as pd
from keras.preprocessing.text import Tokenizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

reviews = pd.read_csv("reviews.csv")
words = Tokenizer(num_words=5000)
words.fit_on_texts(reviews.text)  # finds: preprocessing-fitted-before-split
matrix = words.texts_to_matrix(reviews.text)
X_train, X_test, y_train, y_test = train_test_split(matrix, reviews.stars, random_state=1)
print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
