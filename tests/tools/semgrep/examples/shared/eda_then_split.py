import matplotlib.pyplot as plt
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, StandardScaler

df = pd.read_csv("beans.csv")
le = LabelEncoder()
df["Class"] = le.fit_transform(df["Class"])
X, y = df.drop("Class", axis=1), df["Class"]

emb = PCA(2, random_state=0).fit_transform(StandardScaler().fit_transform(X))
plt.scatter(emb[:, 0], emb[:, 1], c=y)
plt.savefig("pca.png")

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)
sc = StandardScaler().fit(X_train)
et = ExtraTreesClassifier(300, random_state=0).fit(sc.transform(X_train), y_train)
print(et.score(sc.transform(X_test), y_test))
