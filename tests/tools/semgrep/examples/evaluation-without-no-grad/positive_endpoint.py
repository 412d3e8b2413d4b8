import torch
from fastapi import FastAPI
from transformers import AutoModelForSequenceClassification, AutoTokenizer

app = FastAPI()
tokenizer = AutoTokenizer.from_pretrained("models/tone-2024-05-01")
model = AutoModelForSequenceClassification.from_pretrained("models/tone-2024-05-01")
model.eval()


@app.post("/tone")
def tone(text: str):
    tokens = tokenizer(text, return_tensors="pt", truncation=True)
    logits = model(**tokens).logits  # finds: evaluation-without-no-grad
    return {"tone": model.config.id2label[int(logits.argmax())]}
