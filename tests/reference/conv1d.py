#!/usr/bin/env python3
"""Embedding, convolution along a sequence and global max-pooling.

Matrices are lists of rows, one sample a column.
"""
import torch

from shared import wave, write

F = torch.nn.functional

# Two texts of six words (the second filled up with 0) of three numbers each; four filters of width 1, 3 and 6; seven words.
words = torch.tensor([[3, 5, 3, 1, 6, 2], [2, 4, 4, 0, 0, 0]])  # text, place
Y = wave(4, 2, 9)
cases = {}
for width in (1, 3, 6):
    E = wave(3, 7, 1)
    E[:, 0] = 0
    E.requires_grad_()
    W = wave(4, width * 3, 2).requires_grad_()  # a filter a row, word after word
    b = (0.5 * wave(4, 1, 5)).requires_grad_()
    X = F.embedding(words, E.T, padding_idx=0)  # text, place, number
    Z = F.conv1d(X.transpose(1, 2), W.reshape(4, width, 3).transpose(1, 2), b.flatten())  # text, filter, place
    A = F.max_pool1d(torch.tanh(Z), Z.shape[2])[:, :, 0].T  # 4×2
    J = F.mse_loss(A, Y)
    J.backward()
    cases[str(width)] = {"X": X.reshape(2, -1).T.tolist(), "A": A.tolist(), "J": J.item(), "dE": E.grad.tolist(),
                         "dW": W.grad.tolist(), "db": b.grad.tolist()}

write(__file__, cases)
