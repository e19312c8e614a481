#!/usr/bin/env python3
"""The small example of chapter 07, computed by PyTorch in double: writes 07-convolutional-networks.json beside itself.

Needs Debian's python3-torch; the tests only need the JSON.
"""
import json
import pathlib

import torch

torch.set_default_dtype(torch.double)


def entries(name, A):
    return {f"{name}_{i}{j}": A[i, j].item() for i in range(A.shape[0]) for j in range(A.shape[1])}


image = torch.tensor([[2.0, 4, 9, 1, 4], [2, 1, 4, 4, 6], [1, 1, 2, 9, 2], [7, 3, 5, 1, 3], [2, 3, 4, 8, 5]], requires_grad=True)
weights = torch.tensor([[1.0, 0, -1]] * 3, requires_grad=True)
pooled = torch.nn.functional.max_pool2d(torch.nn.functional.conv2d(image[None, None], weights[None, None]), 2, 1)[0, 0]
(pooled.square().sum() / 2).backward()
numbers = {**entries("pooled", pooled), **entries("filter", weights.grad), **entries("image", image.grad)}

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"reference": numbers}, indent=2) + "\n")
