def final(clf, test_features, test_labels):
    clf.fit(test_features, test_labels)  # finds: fitted-on-test-rows
    return clf.score(test_features, test_labels)
