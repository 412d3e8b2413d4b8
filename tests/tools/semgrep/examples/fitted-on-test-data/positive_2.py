class Features:
    def __call__(self, train, test):
        self.vectorizer.fit(train["text"])
        self.imputer.fit(test[["age"]])  # finds: fitted-on-test-data
        return self.vectorizer.transform(test["text"])
