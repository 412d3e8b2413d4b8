from datasets import load_dataset
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

name = "distilbert-base-uncased"
tokenizer = AutoTokenizer.from_pretrained(name)
data = load_dataset("csv", data_files={"train": "train.csv", "validation": "val.csv"})
data = data.map(lambda rows: tokenizer(rows["text"], truncation=True, padding="max_length"), batched=True)
model = AutoModelForSequenceClassification.from_pretrained(name, num_labels=3)

args = TrainingArguments(  # finds: trainer-without-early-stopping
    output_dir="out",
    num_train_epochs=30,
    per_device_train_batch_size=16,
    eval_strategy="epoch",
    learning_rate=2e-5,
)
Trainer(model=model, args=args, train_dataset=data["train"], eval_dataset=data["validation"]).train()
