import pandas as pd
from sklearn.tree import DecisionTreeRegressor
from sklearn.model_selection import train_test_split

cars = pd.read_csv("cars.csv").select_dtypes("number").dropna()
train, test = train_test_split(cars, test_size=0.2, random_state=0)
tree = DecisionTreeRegressor(max_depth=8, random_state=0)
tree.fit(train, train["mpg"])  # finds: target-left-among-features
print(tree.score(test, test["mpg"]))
