"""Train on digits: fit the contract on the training split, save it beside the weights.

    python examples/train_digits.py out/

`test_digits.py` loads both in another process.
"""

import argparse
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import datacheck as dc


def network(contract: dc.Normalization) -> torch.nn.Module:
    """The contract is the first layer: whoever has the model normalises as it was trained."""
    return torch.nn.Sequential(
        contract.to_torch(), torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)
    )


def write_splits(out: Path) -> None:
    """Digits as Parquet, `train.parquet` and `test.parquet`."""
    digits = load_digits()
    halves = train_test_split(
        digits.data, digits.target, test_size=0.4, random_state=0, stratify=digits.target
    )
    for name, x, y in (("train", halves[0], halves[2]), ("test", halves[1], halves[3])):
        columns = {f"pixel{j}": x[:, j] for j in range(64)}
        pq.write_table(pa.table({**columns, "digit": y}), out / f"{name}.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    write_splits(out)

    # a few questions only, so that the example is quick; without `select` all are asked
    report = dc.profile(
        out, label="digit", select=("constant-feature", "non-finite-values", "single-class-batches")
    )
    contract = report.normalization
    contract.save(out / "normalization.json")

    train = pq.read_table(out / "train.parquet")
    x = torch.tensor(train.drop_columns("digit").to_pandas().to_numpy(), dtype=torch.float32)
    y = torch.tensor(contract.label.encode(train["digit"].to_pylist()))
    weights = torch.tensor(contract.label.inverse_frequency, dtype=torch.float32)
    torch.manual_seed(0)
    model = network(contract)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(model(x), y, weight=weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.save(model.state_dict(), out / "model.pt")
    print(f"training loss {loss.item():.4f}; contract and weights in {out}")


if __name__ == "__main__":
    main()
