from transformers import AutoModelForSeq2SeqLM, Trainer, TrainingArguments

from corpus import pairs

model = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
args = TrainingArguments(  # finds: trainer-without-gradient-clipping
    output_dir="t5-summaries",
    num_train_epochs=2,
    learning_rate=3e-4,
    max_grad_norm=0.0,
)
Trainer(model=model, args=args, train_dataset=pairs("train")).train()
