"""Test the model of `train_digits.py` in another process, with the contract that it was trained with.

python examples/test_digits.py out/
python examples/test_digits.py out/ --broken    # refits the statistics on the test split; verify notices
"""

import argparse
import sys
from pathlib import Path

import pyarrow.parquet as pq
import torch
from sklearn.preprocessing import StandardScaler
from train_digits import network

import datacheck as dc


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--broken", action="store_true")
    options = parser.parse_args()
    contract = dc.Normalization.load(options.out / "normalization.json")
    test = pq.read_table(options.out / "test.parquet")
    raw = test.drop_columns("digit").to_pandas().to_numpy()

    # the mistake of a thousand notebooks: fit_transform on the test split
    normalised = StandardScaler().fit_transform(raw) if options.broken else contract.transform(raw)
    verdict = contract.verify(normalised)
    print(verdict)
    if verdict.state != "normalised":
        sys.exit("the test rows are not what the model was trained on")

    model = network(contract)
    model.load_state_dict(torch.load(options.out / "model.pt", weights_only=True))
    layers = model[1:]  # the contract was applied above
    predicted = layers(torch.tensor(normalised, dtype=torch.float32)).argmax(dim=1)
    labels = torch.tensor(contract.label.encode(test["digit"].to_pylist()))
    print(f"accuracy {(predicted == labels).float().mean().item():.3f} on {len(labels)} rows")


if __name__ == "__main__":
    main()
