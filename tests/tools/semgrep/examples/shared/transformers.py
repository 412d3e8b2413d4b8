from datasets import load_dataset
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments, set_seed

set_seed(1)
raw = load_dataset("ag_news")
split = raw["train"].train_test_split(test_size=0.1, seed=1)
tok = AutoTokenizer.from_pretrained("roberta-base")
enc = {k: d.map(lambda b: tok(b["text"], truncation=True), batched=True)
       for k, d in {"train": split["train"], "valid": split["test"], "test": raw["test"]}.items()}
model = AutoModelForSequenceClassification.from_pretrained("roberta-base", num_labels=4)
args = TrainingArguments("out", num_train_epochs=2, eval_strategy="epoch", load_best_model_at_end=True, save_strategy="epoch")
trainer = Trainer(model=model, args=args, train_dataset=enc["train"], eval_dataset=enc["valid"], processing_class=tok)
trainer.train()
print(trainer.evaluate(enc["test"]))
