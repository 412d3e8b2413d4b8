import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

df = pd.read_csv("healthcare-dataset-stroke-data.csv").dropna()
df = pd.get_dummies(df.drop(columns=["id", "gender"]), drop_first=True)
y = df.pop("stroke")          # ~5% positive
X_train, X_test, y_train, y_test = train_test_split(df, y, test_size=0.2, random_state=42)  # finds: unstratified-split-of-imbalanced-classes
model = RandomForestClassifier(class_weight="balanced", random_state=42)
model.fit(X_train, y_train)
print("accuracy: ", model.score(X_test, y_test))
