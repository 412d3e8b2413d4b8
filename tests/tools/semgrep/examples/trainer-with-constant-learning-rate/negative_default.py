from trl import SFTConfig

config = SFTConfig(output_dir="assistant", learning_rate=2e-4, warmup_steps=50)
