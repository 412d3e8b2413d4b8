import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

df = pd.read_csv("insurance.csv")
df["bmi"] = df["bmi"].fillna(df["bmi"].mean())  # finds: statistics-of-all-rows-before-split
df["charges_prev"].fillna(df["charges_prev"].median(), inplace=True)  # finds: statistics-of-all-rows-before-split
df = pd.get_dummies(df, columns=["region", "smoker"])

y = df.pop("charges")
X_train, X_test, y_train, y_test = train_test_split(df, y, test_size=0.2, random_state=5)
model = Ridge(alpha=1.0).fit(X_train, y_train)
print(model.score(X_test, y_test))
