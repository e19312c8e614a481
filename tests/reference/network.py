#!/usr/bin/env python3
"""Small networks and costs.

Matrices are lists of rows, one sample a column.
"""
import torch

from shared import wave, write

F = torch.nn.functional

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.01),
}
one_hot = F.one_hot(torch.tensor([2, 0, 1, 1, 2]), 3).T.double()  # 3×5
COSTS = {  # outputs k×m and targets k×m → cost
    "sigmoid_cross_entropy": (lambda a, y: F.binary_cross_entropy_with_logits(a, y), (wave(3, 5, 9) > 0).double()),
    "softmax_cross_entropy": (lambda a, y: F.cross_entropy(a.T, y.T), one_hot),
    "mean_squared_error": (lambda a, y: F.mse_loss(a, y), wave(3, 5, 9)),
    "mean_squared_logarithmic_error": (lambda a, y: F.mse_loss(torch.log1p(a), torch.log1p(y)), wave(3, 5, 9).abs()),
}

networks = {}
for name, g in ACTIVATIONS.items():
    X = wave(3, 5, 1)
    sizes = [3, 4, 4, 3]
    W = [(2 * wave(sizes[l + 1], sizes[l], 2 + l)).requires_grad_() for l in range(3)]
    b = [(0.5 * wave(sizes[l + 1], 1, 5 + l)).requires_grad_() for l in range(3)]
    A = X
    for l in range(3):
        Z = W[l] @ A + b[l]
        A = g(Z) if l < 2 else Z
    J = F.cross_entropy(A.T, one_hot.T)
    J.backward()
    networks[name] = {"A": A.tolist(), "J": J.item(),
                      "dW": [w.grad.tolist() for w in W], "db": [v.grad.tolist() for v in b]}

costs = {}
for name, (cost, Y) in COSTS.items():
    A = (0.9 * wave(3, 5, 4)).requires_grad_()
    J = cost(A, Y)
    J.backward()
    costs[name] = {"Y": Y.tolist(), "J": J.item(), "dA": A.grad.tolist()}

# Three steps of stochastic gradient descent with momentum, full batch, tanh and squared error.
W1, W2 = wave(4, 3, 2).requires_grad_(), wave(2, 4, 3).requires_grad_()
b1, b2 = wave(4, 1, 5).requires_grad_(), wave(2, 1, 6).requires_grad_()
parameters = [W1, b1, W2, b2]
sgd = torch.optim.SGD(parameters, lr=0.1, momentum=0.9)
for _ in range(3):
    sgd.zero_grad()
    F.mse_loss(W2 @ torch.tanh(W1 @ wave(3, 5, 1) + b1) + b2, wave(2, 5, 9)).backward()
    sgd.step()

write(__file__, {"networks": networks, "costs": costs, "sgd": [p.tolist() for p in parameters]})
