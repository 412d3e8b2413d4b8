import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

genes = pd.read_csv("expression.csv", index_col=0)
train, test = train_test_split(genes, stratify=genes["tumor"], random_state=0)
corr = train.corr()["tumor"].abs().sort_values(ascending=False)
top = corr.index[1:51]
model = LogisticRegression(max_iter=5000).fit(train[top], train["tumor"])
print(model.score(test[top], test["tumor"]))
