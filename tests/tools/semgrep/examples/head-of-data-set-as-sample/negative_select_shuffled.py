from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments, set_seed

set_seed(3)
data = load_dataset("json", data_files={"train": "dialogues.jsonl", "validation": "held_out.jsonl"})
train_set = data["train"].shuffle(seed=3).select(range(5000))
tokenizer = AutoTokenizer.from_pretrained("gpt2")
train_set = train_set.map(lambda row: tokenizer(row["text"], truncation=True))
validation = data["validation"].select(range(200)).map(lambda row: tokenizer(row["text"], truncation=True))
model = AutoModelForCausalLM.from_pretrained("gpt2")
Trainer(model, TrainingArguments("out", num_train_epochs=1), train_dataset=train_set, eval_dataset=validation).train()
