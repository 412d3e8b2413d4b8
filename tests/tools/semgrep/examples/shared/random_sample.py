import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

reviews = pd.read_json("reviews.jsonl", lines=True)
print(reviews.head(10))
reviews = reviews.sample(20000, random_state=3)
train, test = train_test_split(reviews, random_state=3, stratify=reviews["stars"])
model = make_pipeline(TfidfVectorizer(min_df=3), LogisticRegression(max_iter=1000))
model.fit(train["text"], train["stars"])
top = pd.Series(model[-1].coef_[0], model[0].get_feature_names_out()).nlargest(200)[:100]
print(top, model.score(test["text"], test["stars"]))
