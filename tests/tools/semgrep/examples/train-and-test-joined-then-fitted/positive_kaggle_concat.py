import pandas as pd
import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.linear_model import LassoCV

train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv")
y = np.log1p(train.pop("SalePrice"))
full = pd.concat([train, test], ignore_index=True)
full = pd.get_dummies(full.drop("Id", axis=1))
full = full.fillna(full.median())
scaler = StandardScaler()
full_scaled = scaler.fit_transform(full)  # finds: train-and-test-joined-then-fitted
X = full_scaled[: len(train)]
X_sub = full_scaled[len(train):]
lasso = LassoCV(cv=5, random_state=0).fit(X, y)
pd.DataFrame({"Id": test.Id, "SalePrice": np.expm1(lasso.predict(X_sub))}).to_csv("sub.csv", index=False)
