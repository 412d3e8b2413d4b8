frame["merchant_risk"] = frame["merchant"].map(frame.groupby("merchant")["fraud"].mean())  # finds: target-mean-before-split
X = frame.drop(columns=["fraud"])
