from transformers import Trainer, TrainingArguments

from project import data, model

args = TrainingArguments("out", num_train_epochs=3, learning_rate=1e-4, lr_scheduler_type="constant")  # finds: trainer-with-constant-learning-rate
Trainer(model=model, args=args, train_dataset=data).train()
