from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

dataset = load_dataset("json", data_files="chats.jsonl", split="train")
config = SFTConfig(  # finds: trainer-with-constant-learning-rate
    output_dir="assistant",
    max_length=2048,
    learning_rate=2e-4,
    lr_scheduler_type="constant",
)
SFTTrainer("facebook/opt-350m", train_dataset=dataset, args=config).train()
