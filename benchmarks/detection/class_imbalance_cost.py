"""What a rare class costs: its recall by a small network on digits, as its training rows grow fewer.

The thresholds of `class-imbalance` come from this table.
Run: python benchmarks/detection/class_imbalance_cost.py
"""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

ROWS = (120, 60, 40, 30, 20, 12, 6, 3, 1)
SEEDS = 4


def recall(rows: int, rare: int, binary: bool, seed: int) -> float:
    """Share of the test rows of class `rare` that are found after training on so many of its rows."""
    torch.manual_seed(seed)
    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(labels))
    train, test = order[:1200], order[1200:]
    of_rare = train[labels[train] == rare]
    train = np.concatenate([train[labels[train] != rare], of_rare[:rows]])
    classes = (labels == rare).astype(int) if binary else labels
    x, y = torch.as_tensor(pixels / 16).float(), torch.as_tensor(classes)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2 if binary else 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(10):
        for batch in torch.as_tensor(np.random.default_rng(seed).permutation(train)).split(32):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
            optimizer.step()
    found = net(x[test[labels[test] == rare]]).argmax(1)
    return float((found == (1 if binary else rare)).float().mean())


def main() -> None:
    torch.set_num_threads(1)
    for rows in ROWS:
        cells = []
        for binary in (False, True):
            scores = [recall(rows, seed % 10, binary, seed) for seed in range(SEEDS)]
            ratio = (1080 if binary else 120) / rows
            cells.append(f"{'binary' if binary else '10 classes'}, ratio {ratio:.0f}: {np.mean(scores):.2f}")
        print(f"{rows} rows: {'; '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
