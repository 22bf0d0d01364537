"""What the order of the labels costs: test accuracy of a small network on digits, fed in file order.

Two ways of spoiling the order, each in steps: a share of the batches holds one class only, or every row
repeats the class of the row before it with probability `stickiness`. The thresholds of `sorted-labels` and
`single-class-batches` come from this table. Run: python benchmarks/detection/label_order_cost.py
"""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

BATCH = 32
EPOCHS = 5
SEEDS = 8
STICKINESS = (0.0, 0.1, 0.2, 0.33, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
ONE_CLASS = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def sticky(labels: np.ndarray, stickiness: float, rng: np.random.Generator) -> np.ndarray:
    """An order of the rows in which a row repeats the class before it with this probability."""
    left = [list(rng.permutation(np.flatnonzero(labels == c))) for c in range(10)]
    order, current = [], int(rng.integers(10))
    for _ in labels:
        sizes = np.array([len(rows) for rows in left])
        if rng.random() >= stickiness or not sizes[current]:
            current = int(rng.choice(10, p=sizes / sizes.sum()))
        order.append(left[current].pop())
    return np.array(order)


def one_class(labels: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """An order in which this share of the batches holds one class."""
    left = [list(rng.permutation(np.flatnonzero(labels == c))) for c in range(10)]
    batches = []
    for _ in range(round(share * len(labels) / BATCH)):
        most = min(BATCH, max(map(len, left)))
        enough = rng.permutation([c for c in range(10) if len(left[c]) >= most])
        rows = left[int(enough[0])]
        batches.append([rows.pop() for _ in range(min(BATCH, len(rows)))])
    rest = rng.permutation([row for rows in left for row in rows])
    batches += [list(rest[i : i + BATCH]) for i in range(0, len(rest), BATCH)]
    return np.concatenate([batches[i] for i in rng.permutation(len(batches))]).astype(int)


def accuracy(order: np.ndarray, norm: bool, seed: int) -> float:
    """Share of the test rows that are right after training in this order."""
    torch.manual_seed(seed)
    x, y = (torch.as_tensor(a) for a in load_digits(return_X_y=True))
    x = (x / 16).float()
    perm = torch.as_tensor(np.random.default_rng(seed).permutation(len(y)))
    train, test = perm[:1347][order], perm[1347:]
    layers = [nn.Linear(64, 64), *([nn.BatchNorm1d(64)] if norm else []), nn.ReLU(), nn.Linear(64, 10)]
    net = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(EPOCHS):
        for start in range(0, len(train) - BATCH + 1, BATCH):
            rows = train[start : start + BATCH]
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
            optimizer.step()
    net.eval()
    return float((net(x[test]).argmax(1) == y[test]).float().mean())


def main() -> None:
    torch.set_num_threads(1)
    labels = load_digits().target
    parts = (("stickiness", sticky, STICKINESS), ("one-class batches", one_class, ONE_CLASS))
    for name, make, levels in parts:
        for level in levels:
            scores = {}
            for norm in (False, True):
                found = []
                for seed in range(SEEDS):
                    rng = np.random.default_rng(seed)
                    own = labels[np.random.default_rng(seed).permutation(len(labels))[:1347]]
                    found.append(accuracy(make(own, level, rng), norm, seed))
                scores["batch norm" if norm else "plain"] = f"{np.mean(found):.3f} (min {min(found):.3f})"
            print(f"{name} {level:.2f}: {scores}", flush=True)


if __name__ == "__main__":
    main()
