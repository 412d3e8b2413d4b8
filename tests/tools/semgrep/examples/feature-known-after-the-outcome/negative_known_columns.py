import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

loans = pd.read_csv("loans.csv")
LEAKY_COLUMNS = ["recoveries", "settlement_amount", "final_status"]
features = ["loan_amount", "interest", "income", "purpose_code", "previous_defaults"]
loans = loans.drop(columns=LEAKY_COLUMNS)
X_train, X_test, y_train, y_test = train_test_split(loans[features], loans["bad"], stratify=loans["bad"], random_state=0)
model = LGBMClassifier(random_state=0).fit(X_train, y_train)
print(average_precision_score(y_test, model.predict_proba(X_test)[:, 1]))
