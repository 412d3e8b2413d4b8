df["city_mean_income"] = df.groupby("city")["income"].transform("mean")
