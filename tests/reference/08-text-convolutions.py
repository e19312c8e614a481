#!/usr/bin/env python3
"""The small example of chapter 08, computed by PyTorch in double: writes 08-text-convolutions.json beside itself.

Needs Debian's python3-torch; the tests only need the JSON.
"""
import json
import pathlib

import torch

torch.set_default_dtype(torch.double)


def matrix(rows):
    return torch.tensor(rows, requires_grad=True)


def entries(name, A):
    return {f"{name}_{i}{j}": A[i, j].item() for i in range(A.shape[0]) for j in range(A.shape[1])}


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

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"reference": numbers}, indent=2) + "\n")
