import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.preprocessing import StandardScaler

app = FastAPI()
model = joblib.load("models/credit-1.4.joblib")


class Applicant(BaseModel):
    income: float
    age: int
    debt: float


@app.post("/score")
def score(applicant: Applicant):
    row = np.array([[applicant.income, applicant.age, applicant.debt]])
    scaler = StandardScaler()
    scaled = scaler.fit_transform(row)  # finds: transformer-fitted-in-serving
    return {"risk": float(model.predict_proba(scaled)[0, 1])}
