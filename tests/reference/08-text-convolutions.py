#!/usr/bin/env python3
"""The small example of chapter 08."""
import torch

from shared import entries, matrix, write

# A sentence of five words of two numbers each, two filters of width 3.
E = matrix([[0, 0, 1, -0.5, 0.25], [0, 0, 0.5, 1.5, -1]])  # 2×5
W = matrix([[0.5, -1, 0.25, 1, -0.75, 0.5], [1, 0.5, -0.5, 0.75, 0.25, -0.25]])  # 2×(3·2), word after word
b = matrix([[0.1], [-0.2]])
U = matrix([[1, -0.5], [-0.25, 0.75]])
c = matrix([[0.3], [-0.1]])
words = torch.tensor([2, 3, 4, 3, 2])

X = torch.nn.functional.embedding(words, E.T).T  # 2×5
filters = W.reshape(2, 3, 2).transpose(1, 2)  # filter, number, word
Z = torch.nn.functional.conv1d(X[None], filters, b.flatten())[0]  # 2×3
p = torch.relu(Z).max(dim=1, keepdim=True).values
J = torch.nn.functional.cross_entropy((U @ p + c).T, torch.tensor([1]))
J.backward()
numbers = {"J": J.item(), **entries("Z", Z), **entries("dE", E.grad), **entries("dW", W.grad), **entries("db", b.grad),
           **entries("dU", U.grad), **entries("dc", c.grad)}

write(__file__, {"reference": numbers})
