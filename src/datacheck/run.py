"""The one place that orchestrates: data to profiles to findings to a report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from .cache import Cache
from .checking import Progress, check
from .config import Config
from .dataset import Dataset, find, named
from .dataset_profile import DatasetProfile
from .engines.assemble import engine_used, opened, profile_dataset, settle
from .finding import Finding
from .normalization import Normalization
from .normalization.files import normalize_files
from .normalization.verify import Verdict
from .profiles import Profile, merge
from .report import Report
from .saved import load
from .schema import Schema, Training
from .sources.opening import SKIP


def profile(
    data: Any,
    *,
    label: str | None = None,
    config: Config | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    engine: str = "local",
    master: str | None = None,
    **options: Any,
) -> Report:
    """Profiles a dataset and checks it: the whole of `datacheck profile`, without the files.

    `data` is a folder, a file, a dataframe with an Arrow C stream, arrays or tensors (`X`, or `(X, y)`), or a
    mapping of split names to those. Spark profiles its own dataframes where they are; with `engine="spark"`
    also files, Delta folders and tables, on the session there is or a new one on `master`.
    `options` are the keys of `Config` (task, batch_size, precision, select, ...) and go before `config`,
    whose default is the nearest pyproject.toml for a path and the defaults for a dataframe. Raises InputError
    for data that cannot be read and ConfigError for an option that does not exist.

    >>> import pyarrow as pa
    >>> report = profile(pa.table({"x": [1.0, 2.0, 3.0] * 20, "flat": [7.0] * 60}))
    >>> [(f.checker, f.columns) for f in report.findings if f.severity == "error"]
    [('constant-feature', ('flat',))]
    """
    settings = _settings(data, config).with_options(**_known({"label": label, **options}))
    data = opened(data, engine, master)
    dataset = find(data, split_column=settings.split_column, on_bad_file=settings.on_bad_file)
    profiled = profile_dataset(
        dataset,
        engine=engine,
        label=settings.label,
        task=settings.task,
        training=_training(settings),
        seed=settings.seed,
        threads=threads,
        progress=progress,
        skip=settings.on_bad_file == SKIP,
        cache=Cache.of_user() if settings.cache else None,
    )
    report = check(profiled, settings, progress)
    used = {**report.config, **engine_used(dataset, engine)}
    return replace(
        report,
        config=used,
        findings=tuple(_with_names(found, dataset, profiled) for found in report.findings),
        ignored=dataset.ignored,
        thumbnails=dataset.thumbnails(settings.thumbnails),
    )


def _with_names(found: Finding, dataset: Dataset, profiled: DatasetProfile) -> Finding:
    """The finding with the names of its files, where its rows are files."""
    split = dataset.splits.get(found.split)
    if split is None or found.rows is None:
        return found
    return replace(found, rows=named(split, found.rows, profiled.splits[found.split].rows))


def compare(
    reference: Any,
    new: Any,
    *,
    label: str | None = None,
    contract: Normalization | str | Path | None = None,
    config: Config | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Report:
    """Checks new data against a reference: data, or a saved profile (a path to its JSON), on either side.

    A `contract`, or its path, adds one question about the new data: raw, rightly normalised, or a mistake?

    >>> import pyarrow as pa
    >>> table = pa.table({"x": [float(i % 7) for i in range(100)]})
    >>> wider = table.append_column("y", [table["x"]])
    >>> [f.split for f in compare(table, wider).findings if f.checker == "schema-mismatch"]
    ['new']
    """
    settings = _settings(reference, config).with_options(**_known({"label": label, **options}))
    sides = {"reference": reference, "new": new}
    saved = {name: load(Path(side)) for name, side in sides.items() if _is_saved(side)}
    known = next((schema for _, schema in saved.values() if schema.label is not None), Schema())
    found = settings.label or known.label
    splits = {name: profile for name, (profile, _) in saved.items()}
    data = {name: side for name, side in sides.items() if name not in saved}
    unreadable: Mapping[str, Mapping[str, str]] = {}
    if data:
        profiled = profile_dataset(
            find(data, on_bad_file=settings.on_bad_file),
            label=found,
            task=settings.task,
            seed=settings.seed,
            progress=progress,
            skip=settings.on_bad_file == SKIP,
            cache=Cache.of_user() if settings.cache else None,
        )
        splits |= profiled.splits
        unreadable = profiled.unreadable
    schema = settle(splits, found, given=settings.label is not None, task=settings.task or known.task)
    ordered = {name: splits[name] for name in sides}
    both = DatasetProfile(
        splits=ordered,
        schema=schema,
        training=_training(settings),
        seed=settings.seed,
        unreadable=unreadable,
    )
    known_contract = None if contract is None else _contract(contract)
    return check(both, settings, progress, contract=known_contract)


def merge_saved(paths: Sequence[Path]) -> tuple[Profile, Schema]:
    """The sum of saved profiles, with the first one's schema; MergeError where rows would count twice."""
    loaded = [load(path) for path in paths]
    return merge(profile for profile, _ in loaded), loaded[0][1]


def verify(contract: Any, data: Any, *, progress: Progress | None = None) -> dict[str, Verdict]:
    """What was done to each split: raw, normalised with the contract, or a mistake, and how sure that is.

    `contract` is a Normalization or the path of one; `data` as for `profile`.
    """
    known = _contract(contract)
    label = known.label.name if known.label is not None else None
    splits = find(data).splits
    given = label if any(label in split.schema.names for split in splits.values()) else None
    profiled = profile_dataset(Dataset(splits=splits), label=given, progress=progress)
    return {name: known.verify(profile) for name, profile in profiled.splits.items()}


def normalize(
    data: Any, contract: Any, out: Path, *, ignore: Sequence[str] = (), progress: Progress | None = None
) -> list[Path]:
    """Writes every file of a dataset normalised, as Parquet below `out`; what is there already is kept.

    `contract` is a Normalization or the path of one; `data` as for `profile`. Raises ContractError, with the
    file named, where its columns do not fit.
    """
    known = _contract(contract)
    sources = [source for split in find(data).splits.values() for source in split.sources]
    report = partial(progress, "files", None) if progress else None
    return normalize_files(sources, known, out, ignore=ignore, progress=report)


def _contract(given: Any) -> Normalization:
    return given if isinstance(given, Normalization) else Normalization.load(given)


def _is_saved(side: Any) -> bool:
    return isinstance(side, (str, Path)) and Path(side).suffix == ".json" and Path(side).is_file()


def _training(settings: Config) -> Training:
    return Training(batch_size=settings.batch_size, precision=settings.precision, shuffled=settings.shuffled)


def _settings(data: Any, config: Config | None) -> Config:
    if config is not None:
        return config
    return Config.load(Path.cwd()) if isinstance(data, (str, Path)) else Config()


def _known(options: dict[str, Any]) -> dict[str, Any]:
    """Options as the configuration spells and types them."""
    Config.of({key: value for key, value in options.items() if value is not None}, "options")
    return {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
