df["temperature"] = df["temperature"].ffill()
df["next_close"] = df["close"].shift(-1)
y = df["next_close"]
