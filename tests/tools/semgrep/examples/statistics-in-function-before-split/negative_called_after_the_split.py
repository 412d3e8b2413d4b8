import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split


def fill(part, reference):
    part = part.copy()
    part["age"] = part["age"].fillna(reference["age"].median())
    return part


def main():
    people = pd.read_csv("people.csv")
    train, test = train_test_split(people, test_size=0.2, random_state=0)
    filled, rest = fill(train, train), fill(test, train)
    ridge = Ridge().fit(filled[["age"]], filled["spend"])
    print(ridge.score(rest[["age"]], rest["spend"]))


main()
