from catboost import CatBoostClassifier, Pool
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
import pandas as pd

df = pd.read_csv("amazon_access.csv")
cats = list(df.columns.drop("ACTION"))
train_df, test_df = train_test_split(df, test_size=0.2, random_state=0, stratify=df["ACTION"])
train_pool = Pool(train_df[cats], train_df["ACTION"], cat_features=cats)
test_pool = Pool(test_df[cats], test_df["ACTION"], cat_features=cats)
model = CatBoostClassifier(iterations=2000, early_stopping_rounds=100, random_seed=0, verbose=200)
model.fit(train_pool, eval_set=test_pool, use_best_model=True)  # finds: test-set-used-to-stop-or-choose
print(roc_auc_score(test_df["ACTION"], model.predict_proba(test_pool)[:, 1]))
