#!/usr/bin/env python3
"""Convolution and max-pooling.

Matrices are lists of rows, one sample a column; in a column the channel moves first, then the place in the row, then the
row.
"""
import torch

from shared import wave, write

F = torch.nn.functional


def images(X, height, width, channels):  # columns → PyTorch's sample, channel, row, column
    return X.T.reshape(-1, height, width, channels).permute(0, 3, 1, 2)


def columns(A):  # and back
    return A.permute(0, 2, 3, 1).reshape(A.shape[0], -1).T


def filters(W, size, channels):
    return W.reshape(-1, size, size, channels).permute(0, 3, 1, 2)


cases = []
for height, width, channels, f, size, stride, padding in [(5, 5, 1, 1, 3, 1, 0), (6, 5, 2, 3, 3, 1, 1), (7, 9, 3, 2, 3, 2, 0),
                                                          (4, 4, 2, 4, 4, 1, 0), (5, 6, 1, 2, 2, 3, 3), (3, 4, 5, 3, 1, 1, 0)]:
    X = wave(height * width * channels, 4, 1).requires_grad_()
    W = wave(f, size * size * channels, 2).requires_grad_()
    b = wave(f, 1, 3).requires_grad_()
    A = columns(torch.tanh(F.conv2d(images(X, height, width, channels), filters(W, size, channels), b[:, 0], stride, padding)))
    J = F.mse_loss(A, wave(*A.shape, 9))
    J.backward()
    cases.append({"image": [height, width, channels], "filters": f, "window": [size, stride, padding], "A": A.tolist(),
                  "J": J.item(), "dW": W.grad.tolist(), "db": b.grad.tolist(), "dX": X.grad.tolist()})

pools = []
for height, width, channels, size, stride in [(4, 4, 1, 2, 2), (5, 7, 3, 2, 2), (5, 5, 2, 3, 1), (6, 6, 2, 2, 3)]:
    X = wave(height * width * channels, 4, 1).requires_grad_()
    A = columns(F.max_pool2d(images(X, height, width, channels), size, stride))
    F.mse_loss(A, wave(*A.shape, 9)).backward()
    pools.append({"image": [height, width, channels], "window": [size, stride, 0], "A": A.tolist(), "dX": X.grad.tolist()})

# A small LeNet: 8×8 → conv 3×3 with padding, ReLU → pool → conv 3×3, ReLU → pool → dense.
X = wave(64, 5, 1)
parameters = [wave(3, 9, 2), wave(3, 1, 3), 0.5 * wave(4, 27, 4), wave(4, 1, 5), wave(3, 4, 6), wave(3, 1, 7)]
W1, b1, W2, b2, W3, b3 = [p.requires_grad_() for p in parameters]
A = F.max_pool2d(F.relu(F.conv2d(images(X, 8, 8, 1), filters(W1, 3, 1), b1[:, 0], 1, 1)), 2, 2)
A = F.max_pool2d(F.relu(F.conv2d(A, filters(W2, 3, 3), b2[:, 0])), 2, 2)
Z = W3 @ columns(A) + b3
J = F.cross_entropy(Z.T, torch.tensor([2, 0, 1, 1, 2]))
J.backward()
network = {"Z": Z.tolist(), "J": J.item(), "gradients": [p.grad.tolist() for p in parameters]}

write(__file__, {"conv": cases, "pool": pools, "network": network})
