import argparse
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.model_selection import cross_val_score

parser = argparse.ArgumentParser()
parser.add_argument("--max-rows", type=int, default=10000)
args = parser.parse_args()

reviews = pd.read_json("reviews.jsonl", lines=True)
subset = reviews.head(10000)  # finds: head-of-file-as-sample
model = make_pipeline(TfidfVectorizer(min_df=3), LogisticRegression(max_iter=1000))
print(cross_val_score(model, subset["text"], subset["stars"], cv=5).mean())
model.fit(subset["text"], subset["stars"])
