#!/usr/bin/python3
"""PyTorch's side of the benchmark: trains what a folder describes, once for each line on standard input.

    torch_peer.py FOLDER THREADS

See folder.cpp. Written as PyTorch is fastest on a processor: no data loader, channels_last, the maximum before the
ReLU, one call that updates all parameters, denormal numbers flushed.
"""
import json
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[2]))
torch.set_flush_denormal(True)
folder = pathlib.Path(sys.argv[1])
work = json.loads((folder / "work.json").read_text())
number = np.dtype(work["number"])


def array(name, kind=number):
    return torch.from_numpy(np.fromfile(folder / f"{name}.bin", kind).reshape(work["arrays"][name]))


def parameters():
    """In the shapes that PyTorch's functions take."""
    names = [name for name in work["arrays"] if name.startswith("theta")]
    thetas = [array(name) for name in sorted(names, key=lambda name: int(name[5:]))]
    for i in range(0, len(thetas), 2):
        W = thetas[i]  # inputs × units
        if work["network"] == "lenet" and i < 4:
            W = W.reshape(5, 5, -1, W.shape[1]).permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
        elif work["network"] == "text" and i < 6:
            W = W.reshape(i // 2 + 3, -1, W.shape[1]).permute(2, 1, 0).contiguous()
        else:
            W = W.T.contiguous()
        thetas[i], thetas[i + 1] = W, thetas[i + 1].flatten()
    return thetas


def mlp(theta, x):
    for i in range(0, len(theta) - 2, 2):
        x = torch.sigmoid(F.linear(x, theta[i], theta[i + 1]))
    return F.linear(x, theta[-2], theta[-1])


def lenet(theta, x):
    x = x.view(-1, 1, 28, 28)
    x = F.relu(F.max_pool2d(F.conv2d(x, theta[0], theta[1]), 2))
    x = F.relu(F.max_pool2d(F.conv2d(x, theta[2], theta[3]), 2))
    x = x.permute(0, 2, 3, 1).reshape(len(x), -1)  # channels last already: no copy
    x = F.relu(F.linear(x, theta[4], theta[5]))
    x = F.relu(F.linear(x, theta[6], theta[7]))
    return F.linear(x, theta[8], theta[9])


def text(theta, words, training=False):
    x = F.embedding(words, vectors).transpose(1, 2)
    features = [F.conv1d(x, theta[i], theta[i + 1]).amax(2) for i in (0, 2, 4)]
    return F.linear(F.dropout(F.relu(torch.cat(features, 1)), 0.5, training), theta[6], theta[7])


def cost(Z, Y):
    """Y holds the numbers of the classes where the cost is a softmax's."""
    if work["cost"] == "squares":
        return F.mse_loss(Z, Y)
    return F.cross_entropy(Z, Y) if work["cost"] == "softmax" else F.binary_cross_entropy_with_logits(Z, Y)


def judge(Z, Y):
    if work["cost"] == "squares":
        return cost(Z, Y).item(), 0
    right = Z.argmax(1) == Y if work["cost"] == "softmax" else (Z > 0) == (Y > 0.5)
    return cost(Z, Y).item(), right.double().mean().item()


def train(dropout):
    theta = [t.clone(memory_format=torch.preserve_format).requires_grad_() for t in theta0]
    velocities = [torch.zeros_like(t) for t in theta]
    alpha, momentum = work["alpha"], work["momentum"]
    training = {"training": dropout} if work["network"] == "text" else {}
    start = time.perf_counter()
    for _ in range(work["epochs"]):
        for x, y in batches:
            gradients = torch.autograd.grad(cost(network(theta, x, **training), y), theta)
            with torch.no_grad():
                if momentum:
                    torch._foreach_mul_(velocities, momentum)
                    torch._foreach_sub_(velocities, gradients, alpha=alpha)
                    torch._foreach_add_(theta, velocities)
                else:
                    torch._foreach_sub_(theta, gradients, alpha=alpha)
    taken = time.perf_counter() - start
    with torch.no_grad():
        return taken, torch.cat([network(theta, x) for x in X_test.split(1000)])


def train_line():
    """Linear regression by hand, block after block: what one product has brought into the cache, the next uses."""
    theta, b = theta0[0][0].clone(), theta0[1].clone()
    blocks = list(zip(X.split(1000), Y[:, 0].split(1000)))
    sum_, sum_b, scale = torch.empty_like(theta), torch.empty_like(b), 2 * work["alpha"] / len(X)
    start = time.perf_counter()
    for _ in range(work["epochs"]):
        sum_.zero_()
        sum_b.zero_()
        for x, y in blocks:
            error = torch.mv(x, theta)
            error += b
            error -= y
            sum_.addmv_(x.T, error)
            sum_b += error.sum()
        theta.sub_(sum_, alpha=scale)
        b.sub_(sum_b, alpha=scale)
    return time.perf_counter() - start, (X_test @ theta + b)[:, None]


@torch.inference_mode()
def predict():
    start = time.perf_counter()
    Z = [network(theta0, x) for x, _ in batches]
    return time.perf_counter() - start, torch.cat(Z)


network = {"mlp": mlp, "lenet": lenet, "text": text}[work["network"]]
theta0 = parameters()
if work["network"] == "text":
    X, vectors = array("X", np.int32), array("vectors")
    Y = array("Y")
    X_test, Y_test = X, Y
else:
    X, Y, X_test, Y_test = array("X"), array("Y"), array("X_test"), array("Y_test")
if work["cost"] == "softmax":
    Y, Y_test = Y.argmax(1), Y_test.argmax(1)
batches = list(zip(X.split(work["batch"]), Y.split(work["batch"])))
print("ready PyTorch", torch.__version__, flush=True)
for request in sys.stdin:
    with torch.no_grad() if work["cost"] == "squares" else torch.enable_grad():
        if work["task"] == "predict":
            seconds, Z = predict()
        else:
            seconds, Z = train_line() if work["cost"] == "squares" else train(request != "check\n")
    J, right = judge(Z, Y_test)
    print(f"{seconds:.6f} {J:.8g} {right:.5f}", flush=True)
