import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

df = pd.read_csv("boston.csv")
corr = df.corr()["medv"].sort_values()
corr.plot.barh()
plt.savefig("corr.png")
sns.heatmap(df.corr(), annot=True)
X, y = df.drop(columns="medv"), df["medv"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
print(Ridge().fit(X_train, y_train).score(X_test, y_test))
