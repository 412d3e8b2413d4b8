import joblib
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load("prices-4.joblib")


class Flat(BaseModel):
    area: float
    rooms: int


@app.post("/predict")  # finds: serving-without-monitoring
def predict(flat: Flat):
    return {"price": float(model.predict([[flat.area, flat.rooms]])[0])}
