import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import TargetEncoder

df = pd.read_csv("clicks.csv")
print(df.groupby("site")["clicked"].mean())
pipe = make_pipeline(TargetEncoder(random_state=0), LogisticRegression())
print(cross_val_score(pipe, df[["site", "device"]], df["clicked"], scoring="neg_log_loss", cv=5).mean())
