import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split


def clean(path):
    people = pd.read_csv(path)
    people["age"] = people["age"].fillna(people["age"].median())  # finds: statistics-in-function-before-split
    people["income"] = (people["income"] - people["income"].mean()) / people["income"].std()  # finds: statistics-in-function-before-split
    return people


def main():
    people = clean("people.csv")
    train, test = train_test_split(people, test_size=0.2, random_state=0)
    ridge = Ridge().fit(train[["age", "income"]], train["spend"])
    print(ridge.score(test[["age", "income"]], test["spend"]))


main()
