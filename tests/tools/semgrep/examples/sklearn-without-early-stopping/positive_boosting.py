import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor


def candidates(seed: int):
    yield GradientBoostingRegressor(n_estimators=1500, learning_rate=0.02, random_state=seed)  # finds: sklearn-without-early-stopping
    yield HistGradientBoostingRegressor(max_iter=800, early_stopping=False, random_state=seed)  # finds: sklearn-without-early-stopping


def main():
    prices = pd.read_csv("flats.csv")
    y = prices.pop("price")
    for model in candidates(5):
        print(type(model).__name__, model.fit(prices, y).score(prices, y))


if __name__ == "__main__":
    main()
