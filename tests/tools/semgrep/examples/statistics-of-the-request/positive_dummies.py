import joblib
import pandas as pd
from fastapi import FastAPI, Request

app = FastAPI()
model = joblib.load("artifacts/price-v3.joblib")


@app.post("/price")
async def price(request: Request):
    frame = pd.DataFrame([await request.json()])
    frame = pd.get_dummies(frame, columns=["brand", "fuel"])  # finds: statistics-of-the-request
    return {"price": float(model.predict(frame)[0])}
