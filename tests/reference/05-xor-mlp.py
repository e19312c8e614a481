#!/usr/bin/env python3
"""The small examples of chapter 05."""
import torch

from shared import entries, matrix, write

# XOR's network with round weights.
X = torch.tensor([[0.0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1]])  # 3×4, samples are columns
y = torch.tensor([[0.0, 1, 1, 0]])
W1 = matrix([[0.5, -0.25, 0.75], [-1, 0.5, 0.25], [0.125, 1, -0.5], [1, 1, -1]])
b1 = matrix([[0.1], [-0.2], [0.3], [-0.4]])
W2 = matrix([[1.0, -0.5, 0.25, -1.5]])
b2 = matrix([[0.6]])
A1 = torch.sigmoid(W1 @ X + b1)
A2 = torch.sigmoid(W2 @ A1 + b2)
J = torch.nn.functional.binary_cross_entropy(A2, y)
J.backward()
numbers = {"J": J.item(), **entries("A1", A1), **entries("A2", A2), **entries("dW1", W1.grad),
           **entries("db1", b1.grad), **entries("dW2", W2.grad), **entries("db2", b2.grad)}

# The same records through tanh layers of two and two units, with softmax over two classes.
W = [matrix([[0.5, -0.25, 0.75], [-1, 0.5, 0.25]]), matrix([[1, -0.5], [0.25, 1.5]]), matrix([[0.5, -1], [2, 0.75]])]
b = [matrix([[0.1], [-0.2]]), matrix([[0.3], [-0.4]]), matrix([[0.6], [0.05]])]
A = torch.tanh(W[1] @ torch.tanh(W[0] @ X + b[0]) + b[1])
Z = W[2] @ A + b[2]
J = torch.nn.functional.cross_entropy(Z.T, torch.tensor([0, 1, 1, 0]))
J.backward()
numbers |= {"deep_J": J.item(), **entries("deep_Z", Z)}
for l in range(3):
    numbers |= {**entries(f"deep_dW{l + 1}", W[l].grad), **entries(f"deep_db{l + 1}", b[l].grad)}

write(__file__, {"reference": numbers})
