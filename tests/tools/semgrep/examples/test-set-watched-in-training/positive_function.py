def train(model, train_ds, test_ds, callbacks):
    history = model.fit(train_ds, validation_data=test_ds, epochs=50, callbacks=callbacks)  # finds: test-set-watched-in-training
    return history, model.evaluate(test_ds)
