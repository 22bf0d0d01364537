"""Makes the sample data: real tables bundled with scikit-learn, each clean and with documented faults.

    python sample_data/make.py

The same files come out of every run. README.md beside this file lists the faults.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits, load_wine

HERE = Path(__file__).parent
Splits = dict[str, pd.DataFrame]


def split(frame: pd.DataFrame, seed: int) -> Splits:
    """Shuffled and stratified by the label: 60 % train, 20 % val, 20 % test."""
    rng = np.random.default_rng(seed)
    parts: dict[str, list[pd.DataFrame]] = {"train": [], "val": [], "test": []}
    for _, rows in frame.groupby("label"):
        rows = rows.iloc[rng.permutation(len(rows))]
        cut = [round(0.6 * len(rows)), round(0.8 * len(rows))]
        for name, part in zip(parts, np.split(np.arange(len(rows)), cut), strict=True):
            parts[name].append(rows.iloc[part])
    return {name: shuffled(pd.concat(part), rng) for name, part in parts.items()}


def shuffled(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)


def wine() -> Splits:
    bunch = load_wine(as_frame=True)
    frame = bunch.data.rename(columns={"od280/od315_of_diluted_wines": "od_ratio"})
    return split(frame.assign(label=bunch.target_names[bunch.target]), seed=1)


def wine_broken() -> Splits:
    splits = wine()
    rng = np.random.default_rng(11)
    for frame in splits.values():
        frame["proline"] *= 1e6
        frame.insert(0, "batch_code", 7.0)
        frame.insert(1, "sensor", 3.0 + 1e-13 * rng.standard_normal(len(frame)))
        frame.loc[rng.choice(len(frame), len(frame) * 2 // 5, replace=False), "hue"] = np.nan
    train, test = splits["train"], splits["test"]
    train.loc[17, "alcohol"] = np.inf
    test["magnesium"] = test["magnesium"] + 3 * train["magnesium"].std()
    splits["train"] = train.sort_values("label", kind="stable").reset_index(drop=True)
    return splits


def breast_cancer() -> Splits:
    bunch = load_breast_cancer(as_frame=True)
    frame = bunch.data.rename(columns=lambda name: name.replace(" ", "_"))
    return split(frame.assign(label=bunch.target.astype("int64")), seed=2)


def breast_cancer_broken() -> Splits:
    splits = breast_cancer()
    rng = np.random.default_rng(12)
    train, val, test = splits["train"], splits["val"], splits["test"]
    features = [name for name in val if name != "label"]
    splits["val"] = val.assign(**{f: (val[f] - val[f].mean()) / val[f].std(ddof=0) for f in features})
    leaked = train.iloc[rng.choice(len(train), 30, replace=False)]
    kept = test[(test["label"] == 0) | (np.arange(len(test)) % 6 == 0)]
    splits["test"] = shuffled(pd.concat([kept, leaked[leaked["label"] == 0]]), rng)
    again = train.iloc[rng.choice(len(train), 40, replace=False)]
    contradicted = train.iloc[rng.choice(len(train), 15, replace=False)]
    contradicted = contradicted.assign(label=1 - contradicted["label"])
    splits["train"] = shuffled(pd.concat([train, again, contradicted]), rng)
    return splits


def digits() -> Splits:
    bunch = load_digits(as_frame=True)
    # corner pixels that are 0 in nearly every image carry nothing: left out, so that the clean twin is clean
    frame = bunch.data.loc[:, (bunch.data != 0).mean() >= 0.05].astype("float32")
    return split(frame.assign(label=bunch.target.astype("int64")), seed=3)


def digits_broken() -> Splits:
    splits = digits()
    rng = np.random.default_rng(13)
    ids = 16_777_217 + 2 * rng.permutation(sum(map(len, splits.values()))).astype("int64")
    starts = np.cumsum([0, *map(len, splits.values())])
    for frame, start in zip(splits.values(), starts, strict=False):
        frame.insert(0, "scan_id", ids[start : start + len(frame)])
        frame.insert(1, "exposure", rng.standard_t(0.9, len(frame)) ** 3)
    train, val, test = splits["train"], splits["val"], splits["test"]
    pixels = [name for name in val if name.startswith("pixel")]
    splits["val"] = val.assign(**{name: val[name] / np.float32(16) for name in pixels})
    splits["train"] = train[train["label"] != 9].reset_index(drop=True)
    labels = splits["train"]["label"].astype("Int64")
    labels[rng.choice(len(labels), 12, replace=False)] = pd.NA
    splits["train"]["label"] = labels
    splits["test"] = test.drop(columns=[pixels[-1]])
    return splits


def write(name: str, splits: Splits, suffix: str) -> None:
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for split_name, frame in splits.items():
        if suffix == "csv":
            frame.to_csv(folder / f"{split_name}.csv", index=False)
        else:
            _parquet(folder / split_name, frame)


def _parquet(folder: Path, frame: pd.DataFrame) -> None:
    """Two files a split, as exports usually come."""
    folder.mkdir()
    half = len(frame) // 2
    for number, part in enumerate((frame.iloc[:half], frame.iloc[half:])):
        part.to_parquet(folder / f"part-{number:03}.parquet", index=False)


def main() -> None:
    write("wine", wine(), "csv")
    write("wine-broken", wine_broken(), "csv")
    write("breast-cancer", breast_cancer(), "parquet")
    write("breast-cancer-broken", breast_cancer_broken(), "parquet")
    write("digits", digits(), "parquet")
    write("digits-broken", digits_broken(), "parquet")


if __name__ == "__main__":
    main()
