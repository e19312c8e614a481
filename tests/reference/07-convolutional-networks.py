#!/usr/bin/env python3
"""The small example of chapter 07."""
import torch

from shared import entries, write

image = torch.tensor([[2.0, 4, 9, 1, 4], [2, 1, 4, 4, 6], [1, 1, 2, 9, 2], [7, 3, 5, 1, 3], [2, 3, 4, 8, 5]], requires_grad=True)
weights = torch.tensor([[1.0, 0, -1]] * 3, requires_grad=True)
pooled = torch.nn.functional.max_pool2d(torch.nn.functional.conv2d(image[None, None], weights[None, None]), 2, 1)[0, 0]
(pooled.square().sum() / 2).backward()
numbers = {**entries("pooled", pooled), **entries("filter", weights.grad), **entries("image", image.grad)}

write(__file__, {"reference": numbers})
