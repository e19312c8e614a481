#!/usr/bin/python3
"""NumPy's side of the benchmark: trains what a folder describes, once for each line on standard input; see folder.cpp.

    numpy_peer.py FOLDER THREADS

Written as NumPy is fastest: every buffer is allocated once and named as `out`, biases ride in the products (a column
of ones behind the inputs), windows of convolutions are strided views, and nothing that training doesn't need is
computed.
"""
import json
import pathlib
import sys
import time

import numpy as np
from numpy.lib.stride_tricks import as_strided

folder = pathlib.Path(sys.argv[1])
work = json.loads((folder / "work.json").read_text())
number = np.dtype(work["number"])


def array(name, kind=number):
    return np.fromfile(folder / f"{name}.bin", kind).reshape(work["arrays"][name])


def with_ones(X):
    """A column of ones behind, so that the biases are one more row of the weights."""
    A = np.ones((X.shape[0], X.shape[1] + 1), X.dtype)
    A[:, :-1] = X
    return A


def parameters():
    """Weights, inputs × units, with the biases below."""
    count = sum(name.startswith("theta") for name in work["arrays"]) // 2
    return [np.vstack([array(f"theta{2 * l}"), array(f"theta{2 * l + 1}")]) for l in range(count)]


def softmax(Z, out):
    np.subtract(Z, Z.max(1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(1, keepdims=True)


def sigmoid(Z, out):
    np.negative(Z, out=Z)
    np.exp(Z, out=Z)
    Z += 1
    np.reciprocal(Z, out=out)


def judge(Z, Y):
    if work["cost"] == "squares":
        return np.square(Z - Y).mean(), 0
    if work["cost"] == "sigmoid":
        return (np.logaddexp(0, Z) - Y * Z).mean(), ((Z > 0) == (Y > 0.5)).mean()
    Z = Z - Z.max(1, keepdims=True)
    log_p = Z - np.log(np.exp(Z).sum(1, keepdims=True))
    return -(Y * log_p).sum(1).mean(), (Z.argmax(1) == Y.argmax(1)).mean()


class Dense:
    """A chain of dense layers with sigmoids or ReLUs in between, for one size of batch."""

    def __init__(self, weights, m, activation):
        self.W, self.activation = weights, activation
        self.Z = [np.empty((m, W.shape[1]), W.dtype) for W in weights]
        self.A = [np.ones((m, W.shape[1] + 1), W.dtype) for W in weights[:-1]]
        self.H = [A[:, :-1] for A in self.A]  # without the ones
        self.dA = [np.empty((m, W.shape[1]), W.dtype) for W in weights[:-1]]
        self.mask = [np.empty((m, W.shape[1]), bool) for W in weights[:-1]]
        self.dW = [np.empty_like(W) for W in weights]
        self.P = np.empty((m, weights[-1].shape[1]), weights[0].dtype)

    def forward(self, X):
        for l, W in enumerate(self.W):
            np.dot(X, W, out=self.Z[l])
            if l < len(self.A):
                if self.activation == "sigmoid":
                    sigmoid(self.Z[l], self.H[l])
                else:
                    np.maximum(self.Z[l], 0, out=self.H[l])
                X = self.A[l]
        return self.Z[-1]

    def backward(self, X, Y, alpha):
        """Leaves alpha times the gradients in dW, and the error of the first layer's net inputs in E."""
        E, Z = self.P, self.Z[-1]
        if work["cost"] == "squares":
            np.subtract(Z, Y, out=E)
            E *= 2 * alpha / Y.size
        else:
            softmax(Z, E) if work["cost"] == "softmax" else sigmoid(Z, E)
            E -= Y
            E *= alpha / (len(Y) if work["cost"] == "softmax" else Y.size)
        for l in reversed(range(len(self.W))):
            np.dot((self.A[l - 1] if l else X).T, E, out=self.dW[l])
            if l:
                np.dot(E, self.W[l][:-1].T, out=self.dA[l - 1])
                E, H = self.dA[l - 1], self.H[l - 1]
                if self.activation == "sigmoid":
                    E *= H
                    np.subtract(1, H, out=self.Z[l - 1])
                    E *= self.Z[l - 1]
                else:
                    np.greater(H, 0, out=self.mask[l - 1])
                    E *= self.mask[l - 1]
        return E


class Conv:
    """Convolution, max-pooling and ReLU: the same as with ReLU before the maximum, and less work."""

    def __init__(self, W, m, side, channels, k):
        self.W, self.k = W, k
        self.places, self.filters = side - k + 1, W.shape[1]
        p, h, c, f = self.places, self.places // 2, channels, self.filters
        self.windows = np.empty((m, p, p, k, k, c), W.dtype)
        self.P = self.windows.reshape(m * p * p, k * k * c)
        self.Z, self.dZ = np.empty((m, p, p, f), W.dtype), np.zeros((m, p, p, f), W.dtype)
        self.A, self.top = np.empty((m, h, h, f), W.dtype), np.empty((m, h, h, f), W.dtype)
        self.mask, self.taken = np.empty((m, h, h, f), bool), np.empty((m, h, h, f), bool)
        self.dW, self.dX = np.empty_like(W), np.empty((m, side, side, c), W.dtype)

    def quarters(self, M):
        return [M[:, y::2, x::2] for y in (0, 1) for x in (0, 1)]

    def forward(self, X):
        (m, _, _, c), s, p, k = X.shape, X.strides, self.places, self.k
        np.copyto(self.windows, as_strided(X, (m, p, p, k, k, c), (s[0], s[1], s[2], s[1], s[2], s[3])))
        np.dot(self.P, self.W[:-1], out=self.Z.reshape(-1, self.filters))
        a, b, c, d = self.quarters(self.Z)
        np.maximum(a, b, out=self.top)
        np.maximum(self.top, c, out=self.top)
        np.maximum(self.top, d, out=self.top)
        np.add(self.top, self.W[-1], out=self.A)
        np.maximum(self.A, 0, out=self.A)
        return self.A

    def backward(self, E):
        np.greater(self.A, 0, out=self.mask)
        E = E.reshape(self.A.shape)
        E *= self.mask
        self.taken.fill(False)
        for z, dz in zip(self.quarters(self.Z), self.quarters(self.dZ)):
            np.equal(z, self.top, out=self.mask)
            np.greater(self.mask, self.taken, out=self.mask)  # the first of equals has it all
            np.multiply(E, self.mask, out=dz)
            self.taken |= self.mask
        np.dot(self.P.T, self.dZ.reshape(-1, self.filters), out=self.dW[:-1])
        np.sum(E, axis=(0, 1, 2), out=self.dW[-1])

    def input_gradient(self):
        np.dot(self.dZ.reshape(-1, self.filters), self.W[:-1].T, out=self.P)
        self.dX.fill(0)
        p = self.places
        for y in range(self.k):
            for x in range(self.k):
                self.dX[:, y : y + p, x : x + p] += self.windows[:, :, :, y, x]
        return self.dX


class LeNet:
    def __init__(self, weights, m, _):
        self.c1, self.c2 = Conv(weights[0], m, 28, 1, 5), Conv(weights[1], m, 12, 6, 5)
        self.dense = Dense(weights[2:], m, "relu")
        self.flat = np.ones((m, 257), number)

    def forward(self, X):
        A = self.c2.forward(self.c1.forward(X.reshape(-1, 28, 28, 1)))
        self.flat[:, :-1] = A.reshape(len(X), -1)
        return self.dense.forward(self.flat)

    def backward(self, X, Y, alpha):
        E = self.dense.backward(self.flat, Y, alpha)
        self.c2.backward(np.dot(E, self.dense.W[0][:-1].T))
        self.c1.backward(self.c2.input_gradient())
        self.dW = [self.c1.dW, self.c2.dW, *self.dense.dW]


class Text:
    """Filters of widths 3, 4 and 5 over frozen vectors, the largest answer of each, dropout, softmax."""

    def __init__(self, weights, m, _):
        self.W, self.vectors = weights, vectors
        self.dense = Dense(weights[3:], m, "none")
        d, self.f = vectors.shape[1], weights[0].shape[1]
        self.X = np.empty((m, work["arrays"]["X"][1], d), number)
        self.windows = [np.empty((m, self.X.shape[1] - k + 1, k * d), number) for k in (3, 4, 5)]
        self.Z = [np.empty((*w.shape[:2], self.f), number) for w in self.windows]
        self.dZ = [np.zeros_like(z) for z in self.Z]
        self.A = np.ones((m, 3 * self.f + 1), number)
        self.random = np.random.default_rng(1)
        self.sample, self.feature = np.arange(m)[:, None], np.arange(self.f)
        self.dW = [np.empty_like(W) for W in weights[:3]] + self.dense.dW

    def forward(self, words, training=False):
        np.take(self.vectors, words, axis=0, out=self.X, mode="clip")
        s = self.X.strides
        for i, (w, z) in enumerate(zip(self.windows, self.Z)):
            np.copyto(w, as_strided(self.X, w.shape, s))
            np.dot(w.reshape(-1, w.shape[2]), self.W[i][:-1], out=z.reshape(-1, self.f))
            np.max(z, axis=1, out=self.A[:, i * self.f : (i + 1) * self.f])
            self.A[:, i * self.f : (i + 1) * self.f] += self.W[i][-1]
        H = self.A[:, :-1]
        np.maximum(H, 0, out=H)
        self.on = H > 0
        self.mask = None
        if training:
            self.mask = 2 * (self.random.random(H.shape, number) < 0.5).astype(number)
            H *= self.mask
        return self.dense.forward(self.A)

    def backward(self, words, Y, alpha):
        E = np.dot(self.dense.backward(self.A, Y, alpha), self.dense.W[0][:-1].T)
        if self.mask is not None:
            E *= self.mask
        E *= self.on
        for i, (w, z, dz) in enumerate(zip(self.windows, self.Z, self.dZ)):
            e = E[:, i * self.f : (i + 1) * self.f]
            place = z.argmax(1)
            dz.fill(0)
            dz[self.sample, place, self.feature] = e
            np.dot(w.reshape(-1, w.shape[2]).T, dz.reshape(-1, self.f), out=self.dW[i][:-1])
            np.sum(e, axis=0, out=self.dW[i][-1])


class Line:
    """Linear regression, block after block: what one product has brought into the cache, the next one finds there."""

    def __init__(self, X, Y):
        self.blocks = [(X[i : i + 1000], Y[i : i + 1000, 0]) for i in range(0, len(X), 1000)]
        self.m, self.z, self.g, self.sum = len(X), np.empty(1000), np.empty(X.shape[1]), np.empty(X.shape[1])

    def epoch(self, theta, alpha):
        self.sum.fill(0)
        for X, y in self.blocks:
            z = self.z[: len(y)]
            np.dot(X, theta, out=z)
            z -= y
            np.dot(z, X, out=self.g)
            self.sum += self.g
        self.sum *= 2 * alpha / self.m
        theta -= self.sum


def train_line(W):
    theta, line = W[0][:, 0].copy(), Line(X, Y)
    start = time.perf_counter()
    for _ in range(work["epochs"]):
        line.epoch(theta, work["alpha"])
    taken = time.perf_counter() - start
    return taken, (X_test @ theta)[:, None]


def network(W, m):
    kind = {"mlp": Dense, "lenet": LeNet, "text": Text}[work["network"]]
    return kind(W, m, "sigmoid")


def predict(networks, X, batches):
    Z = np.empty((len(X), networks[0].W[-1].shape[1] if hasattr(networks[0], "W") else 10), number)
    for i, j, which in batches:
        Z[i:j] = networks[which].forward(X[i:j])
    return Z


def cut(m, size):
    """Batches with the network to use: 0 for whole ones, 1 for a last one that is smaller."""
    return [(i, min(i + size, m), int(i + size > m)) for i in range(0, m, size)]


def train(W, dropout):
    W = [w.copy() for w in W]
    size, alpha, momentum = work["batch"], work["alpha"], work["momentum"]
    batches = cut(len(X), size)
    networks = [network(W, size)] + ([network(W, len(X) % size)] if len(X) % size else [])
    velocities = [np.zeros_like(w) for w in W]
    training = {"training": dropout} if work["network"] == "text" else {}
    start = time.perf_counter()
    for _ in range(work["epochs"]):
        for i, j, which in batches:
            net, x = networks[which], X[i:j]
            net.forward(x, **training)
            net.backward(x, Y[i:j], alpha)
            for w, dw, v in zip(W, net.dW, velocities):
                if momentum:
                    v *= momentum
                    v -= dw
                    w += v
                else:
                    w -= dw
    taken = time.perf_counter() - start
    test = cut(len(X_test), size)
    rest = len(X_test) % size
    return taken, predict([networks[0], network(W, rest) if rest else None], X_test, test)


def timed_predict(networks):
    start = time.perf_counter()
    Z = predict(networks, X, cut(len(X), work["batch"]))
    return time.perf_counter() - start, Z


if work["network"] == "text":
    X, vectors = array("X", np.int32), array("vectors")
    vectors[0] = 0
    X_test = X
    Y = Y_test = array("Y")
else:
    X, Y, X_test, Y_test = array("X"), array("Y"), array("X_test"), array("Y_test")
    if work["network"] == "mlp":
        X, X_test = with_ones(X), with_ones(X_test)
W0 = parameters()
if work["task"] == "predict":
    sizes = [work["batch"]] + ([len(X) % work["batch"]] if len(X) % work["batch"] else [])
    predictors = [network(W0, size) for size in sizes]
print("ready NumPy", np.__version__, flush=True)
for line in sys.stdin:
    if work["task"] == "predict":
        seconds, Z = timed_predict(predictors)
    elif work["cost"] == "squares":
        seconds, Z = train_line(W0)
    else:
        seconds, Z = train(W0, dropout=line != "check\n")
    J, right = judge(Z, Y_test)
    print(f"{seconds:.6f} {J:.8g} {right:.5f}", flush=True)
