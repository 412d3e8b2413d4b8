def step(heads, features, targets, optimizer, criterion):
    optimizer.zero_grad()
    total = 0
    for head, target in zip(heads, targets, strict=True):
        loss = criterion(head(features), target)
        total += loss
    total.backward()
    optimizer.step()
