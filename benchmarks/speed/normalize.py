"""The contract against StandardScaler.transform, torchvision's Normalize and a plain device copy, in one run.

    python benchmarks/speed/normalize.py [rows]

1M x 100 float32 unless told; medians of interleaved runs. torchvision is not installed for this: its
`normalize` is `tensor.clone().sub_(mean).div_(std)`, which is what runs here.
"""

import statistics
import sys
import time

import numpy as np
import pyarrow as pa
import torch
from sklearn.preprocessing import StandardScaler

from datacheck.normalization import Normalization
from datacheck.profiles import Profile
from datacheck.schema import Schema, Training

RUNS = 9


def timed(functions, after=lambda: None):
    """Median seconds of each function, the functions taking turns."""
    seconds = {name: [] for name in functions}
    for run in range(RUNS + 2):
        for name, function in functions.items():
            after()
            start = time.perf_counter()
            result = function()
            after()
            if run >= 2:
                seconds[name].append(time.perf_counter() - start)
            del result
    return {name: statistics.median(values) for name, values in seconds.items()}


def show(title, seconds, peer):
    """One line per contestant, with the ratio to the peer."""
    for name, value in seconds.items():
        print(f"{title:12} {name:28} {value * 1e3:9.2f} ms   ratio {value / seconds[peer]:.2f}")


def peer_normalize(x, mean, std):
    """What torchvision.transforms.functional.normalize does to a float tensor."""
    return x.clone().sub_(mean).div_(std)


def on_gpu(contract, x):
    """The module, compiled, against a copy on the device."""
    given = x.cuda()
    module = torch.compile(contract.to_torch().cuda())
    module(given)
    seconds = timed({"copy": given.clone, "contract": lambda: module(given)}, torch.cuda.synchronize)
    show("cuda", seconds, "copy")


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rng = np.random.default_rng(0)
    x = rng.normal(100, 50, (rows, 100)).astype(np.float32)
    names = [f"x{j}" for j in range(100)]
    head = pa.RecordBatch.from_arrays([pa.array(column) for column in x[:5000].T.copy()], names=names)
    contract = Normalization.of(Profile.of(head), Schema(), Training())
    scaler = StandardScaler().fit(x[:5000])
    show(
        "numpy",
        timed({"StandardScaler": lambda: scaler.transform(x), "contract": lambda: contract.transform(x)}),
        "StandardScaler",
    )

    tensor, module = torch.from_numpy(x), contract.to_torch()
    mean, std = (
        torch.tensor([getattr(f, name) for f in contract], dtype=torch.float32) for name in ("mean", "std")
    )
    with torch.no_grad():
        both = {"Normalize": lambda: peer_normalize(tensor, mean, std), "contract": lambda: module(tensor)}
        show("torch", timed(both), "Normalize")
    frame = pa.Table.from_arrays(list(x.T.copy()), names=names)
    plain = frame.to_pandas()
    tables = {
        "StandardScaler, pandas": lambda: scaler.transform(plain),
        "contract, pandas": lambda: contract.transform(plain),
        "contract, Arrow": lambda: contract.transform(frame),
    }
    show("tables", timed(tables), "StandardScaler, pandas")
    if torch.cuda.is_available():
        on_gpu(contract, tensor)


if __name__ == "__main__":
    main()
