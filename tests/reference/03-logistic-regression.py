#!/usr/bin/env python3
"""The small example of chapter 03, computed by PyTorch in double: writes 03-logistic-regression.json beside itself.

Needs Debian's python3-torch; the tests only need the JSON.
"""
import json
import pathlib

import torch

X = torch.tensor([[1, 1, 1, 1], [0.5, -1, 2, 0.25], [-0.75, 1.5, 0, 3]], dtype=torch.double)  # 3×4, samples are columns
y = torch.tensor([1, 0, 1, 0], dtype=torch.double)
theta = torch.tensor([0.1, -0.4, 0.7], dtype=torch.double, requires_grad=True)

J = torch.nn.functional.binary_cross_entropy_with_logits(theta @ X, y)
J.backward()
h = torch.sigmoid(theta @ X)

reference = {"cost": J.item(), **{f"h_{i}": p.item() for i, p in enumerate(h)}, **{f"gradient_{j}": g.item() for j, g in enumerate(theta.grad)}}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"reference": reference}, indent=2) + "\n")
