import joblib
from fastapi import FastAPI
from prometheus_client import Counter, Histogram, make_asgi_app

app = FastAPI()
app.mount("/metrics", make_asgi_app())
model = joblib.load("prices-4.joblib")
answers = Counter("predictions", "Predictions made")
values = Histogram("prediction", "Predicted price")


@app.post("/predict")
def predict(row: list[float]):
    value = float(model.predict([row])[0])
    answers.inc()
    values.observe(value)
    return {"price": value}
