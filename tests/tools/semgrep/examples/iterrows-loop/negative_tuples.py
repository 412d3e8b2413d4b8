import pandas as pd


def messages(orders: pd.DataFrame):
    for order in orders.itertuples(index=False):
        yield f"{order.customer}: {order.total:.2f}"
