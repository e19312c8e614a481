#!/usr/bin/env python3
"""The small example of chapter 04."""
import torch

from shared import write

X = torch.tensor([[1, 1, 1, 1], [0.5, -1, 2, 0.25], [-0.75, 1.5, 0, 3]], dtype=torch.double)  # 3×4, samples are columns
y = torch.tensor([2, 0, 1, 2])
Theta = torch.tensor([[0.1, -0.2, 0.3], [-0.4, 0.5, 0.6], [0.7, -0.8, 0.9]], dtype=torch.double, requires_grad=True)

J = torch.nn.functional.cross_entropy((Theta.T @ X).T, y)
J.backward()
P = torch.softmax(Theta.T @ X, 0)  # 3×4

gradient = {f"gradient_{j}{k}": Theta.grad[j, k].item() for j in range(3) for k in range(3)}
forward = {f"P_{k}{i}": P[k, i].item() for k in range(3) for i in range(4)}
write(__file__, {"reference": {"cost": J.item(), **forward, **gradient}})
