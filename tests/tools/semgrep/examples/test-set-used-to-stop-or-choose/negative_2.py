def train(model, train_ds, val_ds, test_ds):
    model.fit(train_ds, validation_data=val_ds, epochs=50)
    return model.evaluate(test_ds)
