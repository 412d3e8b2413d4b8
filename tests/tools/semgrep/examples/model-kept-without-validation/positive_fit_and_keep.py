import joblib
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor


def main() -> None:
    orders = pd.read_csv("orders.csv")
    features = orders[["distance", "items", "hour"]]
    model = GradientBoostingRegressor(random_state=0)
    model.fit(features, orders["minutes"])  # finds: model-kept-without-validation
    joblib.dump(model, "delivery.joblib")


if __name__ == "__main__":
    main()
