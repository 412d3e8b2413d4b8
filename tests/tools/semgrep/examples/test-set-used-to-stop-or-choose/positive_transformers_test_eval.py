from datasets import load_dataset
from transformers import (AutoModelForSequenceClassification, AutoTokenizer, EarlyStoppingCallback, Trainer,
                          TrainingArguments, set_seed)

set_seed(42)
raw = load_dataset("imdb")
tok = AutoTokenizer.from_pretrained("distilbert-base-uncased")
enc = raw.map(lambda b: tok(b["text"], truncation=True, padding="max_length"), batched=True)
model = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased", num_labels=2)
args = TrainingArguments("out", num_train_epochs=5, eval_strategy="epoch", save_strategy="epoch",
                         load_best_model_at_end=True, metric_for_best_model="eval_loss")
trainer = Trainer(model=model, args=args, train_dataset=enc["train"], eval_dataset=enc["test"],  # finds: test-set-used-to-stop-or-choose
                  callbacks=[EarlyStoppingCallback(2)])
trainer.train()
print(trainer.evaluate(enc["test"]))
