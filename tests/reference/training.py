#!/usr/bin/env python3
"""Dropout with a mask that it drew, and descent with weight decay.

Matrices are lists of rows, one sample a column.
"""
import torch

from shared import wave, write

F = torch.nn.functional


def network():
    """A hidden layer of 4 tanh units: W1, b1, W2, b2."""
    return [p.requires_grad_() for p in (wave(4, 3, 2), wave(4, 1, 5), wave(2, 4, 3), wave(2, 1, 6))]


# 3-4-2 with dropout of 0.4 behind the hidden layer.
torch.manual_seed(1)
W1, b1, W2, b2 = network()
hidden = torch.tanh(W1 @ wave(3, 5, 1) + b1)
dropped = F.dropout(hidden, 0.4)
J = F.mse_loss(W2 @ dropped + b2, wave(2, 5, 9))
J.backward()
dropout = {"kept": (dropped != 0).double().tolist(), "A": dropped.tolist(), "J": J.item(),
           "gradients": [p.grad.tolist() for p in (W1, b1, W2, b2)]}

# Three steps with momentum and weight decay, which leaves the biases alone.
decay = {}
for momentum in (0, 0.9):
    W1, b1, W2, b2 = network()
    sgd = torch.optim.SGD([{"params": [W1, W2], "weight_decay": 0.3}, {"params": [b1, b2]}], lr=0.1, momentum=momentum)
    for _ in range(3):
        sgd.zero_grad()
        F.mse_loss(W2 @ torch.tanh(W1 @ wave(3, 5, 1) + b1) + b2, wave(2, 5, 9)).backward()
        sgd.step()
    decay[str(momentum)] = [p.tolist() for p in (W1, b1, W2, b2)]

write(__file__, {"dropout": dropout, "decay": decay})
