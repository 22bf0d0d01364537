"""Faults planted into loaders, and loaders without: detection and false alarms with 95 % Wilson intervals.

    python benchmarks/detection/loader.py [--seeds 20] [--clean-seeds 40]

Each fault meets digits (1,797 rows) and synthetic images of 2, 10 and 100 classes (1,200, 1,500 and
3,000 rows), in batches of 32 unless it says otherwise. Detected: the right checker gives a warning or an
error, with the right words. A false alarm: any warning or error on a clean loader. Loaders with two workers
run a quarter of the clean seeds.
"""

import argparse
import logging
import warnings
from collections import Counter
from typing import Any

import torch
from loader_clean import CLEAN
from loader_data import SIZES, images
from loader_faults import FAULTS, Fault

from datacheck.loader import audit_loader, watch
from datacheck.report import Report


def main() -> None:
    """Runs both halves and prints two tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--clean-seeds", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable()
    detection(options.seeds)
    false_alarms(options.clean_seeds)


def detection(seeds: int) -> None:
    """A row for each fault."""
    print(f"{'fault':34} {'checker':26} {'found':>9} {'95 % interval':>16}   by dataset")
    for name, fault in FAULTS.items():
        hits = {data: sum(_found(fault, data, seed) for seed in range(seeds)) for data in SIZES}
        found, runs = sum(hits.values()), seeds * len(SIZES)
        shown = " ".join(f"{data}:{n}" for data, n in hits.items() if n < seeds)
        print(
            f"{name:34} {fault.checker:26} {found:4}/{runs:4} {interval(found, runs):>16}   {shown}",
            flush=True,
        )


def false_alarms(seeds: int) -> None:
    """A row for each clean loader, and one for all."""
    print(f"\n{'clean loader':34} {'alarms':>36} {'95 % interval':>16}   by checker")
    total, all_runs = 0, 0
    for name, make in CLEAN.items():
        count = -(-seeds // 4) if "two workers" in name else seeds
        alarms, by = 0, Counter[str]()
        for data in SIZES:
            for seed in range(1000, 1000 + count):
                torch.manual_seed(seed)
                told = _alarms(make(images(data, seed), seed), seed)
                alarms += bool(told)
                by.update(told)
        runs = count * len(SIZES)
        total, all_runs = total + alarms, all_runs + runs
        print(f"{name:34} {alarms:31}/{runs:4} {interval(alarms, runs):>16}   {dict(by) or ''}", flush=True)
    print(f"{'all':34} {total:31}/{all_runs:4} {interval(total, all_runs):>16}")


def _found(fault: Fault, data: str, seed: int) -> bool:
    torch.manual_seed(seed)
    sample = images(data, seed)
    loader = fault.make(sample, seed)
    extra = fault.options(sample, seed) if fault.options else {}
    report = _watched(loader) if fault.watched else audit_loader(loader, seed=seed, **extra)
    return any(
        f.checker == fault.checker and f.severity.rank and fault.needs in f.message for f in report.findings
    )


def _watched(loader: Any) -> Report:
    watched = watch(loader)
    for _ in range(2):
        for _ in watched:
            pass
    return watched.report()


def _alarms(made: Any, seed: int) -> list[str]:
    loader, held = made if isinstance(made, tuple) else (made, None)
    report = audit_loader(loader, val_loader=held, seed=seed)
    crashed = [f"{c.checker} crashed" for c in report.crashed]
    return [f.checker for f in report.findings if f.severity.rank] + crashed


def interval(hits: int, runs: int, z: float = 1.96) -> str:
    """Wilson's interval for a share, in percent."""
    share, width = hits / runs, z * z / runs
    middle = share + width / 2
    half = z * (share * (1 - share) / runs + width / 4 / runs) ** 0.5
    low, high = (middle - half) / (1 + width), (middle + half) / (1 + width)
    return f"{100 * low:.1f}..{100 * high:.1f} %"


if __name__ == "__main__":
    main()
