from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

from corpus import blocks

model = AutoModelForCausalLM.from_pretrained("gpt2")
arguments = TrainingArguments(
    output_dir="gpt2-notes",
    num_train_epochs=3,
    per_device_train_batch_size=4,
    gradient_accumulation_steps=8,
    warmup_ratio=0.03,
)
trainer = Trainer(model=model, args=arguments, train_dataset=blocks("train"), eval_dataset=blocks("val"))
trainer.train()
