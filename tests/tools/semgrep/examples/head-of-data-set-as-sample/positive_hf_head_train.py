from datasets import load_dataset
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments, set_seed

set_seed(0)
train_ds = load_dataset("yelp_polarity", split="train[:2000]")  # finds: head-of-data-set-as-sample
val_ds = load_dataset("yelp_polarity", split="test").shuffle(seed=0).select(range(500))
tok = AutoTokenizer.from_pretrained("bert-base-cased")
train_ds = train_ds.map(lambda r: tok(r["text"], truncation=True), batched=True)
val_ds = val_ds.map(lambda r: tok(r["text"], truncation=True), batched=True)
model = AutoModelForSequenceClassification.from_pretrained("bert-base-cased", num_labels=2)
Trainer(model, TrainingArguments("o", num_train_epochs=3), train_dataset=train_ds, eval_dataset=val_ds, processing_class=tok).train()
