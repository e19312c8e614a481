#!/usr/bin/env python3
"""The small example of chapter 03."""
import torch

from shared import write

X = torch.tensor([[1, 1, 1, 1], [0.5, -1, 2, 0.25], [-0.75, 1.5, 0, 3]], dtype=torch.double)  # 3×4, samples are columns
y = torch.tensor([1, 0, 1, 0], dtype=torch.double)
theta = torch.tensor([0.1, -0.4, 0.7], dtype=torch.double, requires_grad=True)

J = torch.nn.functional.binary_cross_entropy_with_logits(theta @ X, y)
J.backward()
h = torch.sigmoid(theta @ X)

reference = {"cost": J.item(), **{f"h_{i}": p.item() for i, p in enumerate(h)}, **{f"gradient_{j}": g.item() for j, g in enumerate(theta.grad)}}
write(__file__, {"reference": reference})
