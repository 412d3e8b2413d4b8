import dill
from fastapi import FastAPI
from joblib import load

app = FastAPI()
model = load("model-2024-01-01.joblib")  # finds: unpickling-a-file
rules = dill.load(open("rules.dill", "rb"))  # finds: unpickling-a-file


@app.get("/size")
def size():
    return {"features": model.n_features_in_, "rules": len(rules)}
