from sklearn.calibration import CalibratedClassifierCV

calibrated = CalibratedClassifierCV(model, cv="prefit")
calibrated.fit(X_cal, y_cal)
print(calibrated.score(X_test, y_test))
