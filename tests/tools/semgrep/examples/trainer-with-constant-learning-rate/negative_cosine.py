from transformers import TrainingArguments

args = TrainingArguments("out", lr_scheduler_type="cosine", warmup_ratio=0.03, learning_rate=2e-5)
