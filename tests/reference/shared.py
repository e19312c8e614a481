"""What the scripts beside this one share. Each computes numbers by PyTorch in double and writes them into the JSON of its own
name; the tests only need that. The scripts need Debian's python3-torch.
"""
import json
import pathlib

import torch

torch.set_default_dtype(torch.double)


def matrix(rows):
    return torch.tensor(rows, dtype=torch.double, requires_grad=True)


def entries(name, A):
    return {f"{name}_{i}{j}": A[i, j].item() for i in range(A.shape[0]) for j in range(A.shape[1])}


def wave(rows, columns, start):
    """Numbers between -1 and 1 without a pattern, the same in every language: sin of 0, 1, 2, … times 1.3 from start."""
    return torch.sin(1.3 * torch.arange(rows * columns) + start).reshape(rows, columns)


def write(script, numbers):
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in numbers.items())
    pathlib.Path(script).with_suffix(".json").write_text(f"{{\n{lines}\n}}\n")
