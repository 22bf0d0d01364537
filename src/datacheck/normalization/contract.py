"""The contract that training, test and serving share."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from .. import __version__
from .._precision import LIMITS
from ..errors import ContractError, MissingExtraError, nearest
from ..part import Part
from ..profiles import Profile
from ..schema import Schema, Training
from . import document
from .decide import decide
from .document import Node
from .feature import Feature
from .labels import Labels

if TYPE_CHECKING:
    from .sklearn import ContractTransformer
    from .torch import ContractModule, ImageModule
    from .verify import Verdict

FORMAT = 1
"""Of normalization.json. 1: the first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Normalization:
    """Per feature the statistics of the training rows and the action taken; iterates over the features.

    `precision` is that of the training; results are in it (bfloat16, which numpy and Arrow lack: values
    within its range, as float32). `updates` counts how often more rows were added.

    >>> import numpy as np, pyarrow as pa
    >>> contract = Normalization.of(Profile.of(pa.record_batch({"x": [1.0, 2.0, 3.0]})), Schema(), Training())
    >>> contract["x"].action, contract.transform(np.array([[2.0], [5.0]])).round(2).tolist()
    ('standardize', [[0.0], [3.6700000762939453]])
    """

    features: tuple[Feature, ...]
    precision: str = "float32"
    label: Labels | None = None
    rows: int = 0
    fingerprint: str = ""
    parts: tuple[Part, ...] = ()
    updates: int = 0
    written_by: str = field(default=__version__)

    @classmethod
    def of(
        cls, profile: Profile, schema: Schema, training: Training, overrides: Mapping[str, Any] | None = None
    ) -> "Normalization":
        """The contract of a training split; ConfigError for an override of no feature or of no sense."""
        from .images import of_profile

        images, names = of_profile(profile, [name for name in profile.columns if name != schema.label])
        label = profile[schema.label] if schema.label is not None and schema.label in profile else None
        return cls(
            features=(*images, *decide(profile, names, training.precision, overrides or {}, len(images))),
            precision=training.precision,
            label=None if label is None else Labels.of(label, schema.task),
            rows=profile.rows,
            fingerprint=profile.fingerprint,
            parts=profile.parts,
        )

    @classmethod
    def of_images(
        cls, pixels: Iterable[NDArray[Any]], *, channels: Sequence[str] = (), precision: str = "float32"
    ) -> "Normalization":
        """The contract of training images, in batches of shape (n, height, width, channels), integers."""
        from .images import of_images

        feature = of_images(pixels, channels=channels)
        return cls(features=(feature,), precision=precision, rows=feature.count)

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.features)

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, name: str) -> Feature:
        if name not in self._by_name:
            raise ContractError(f"no feature {name!r} in the contract; {nearest(name, self._by_name)}")
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in self.features}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features in their order."""
        return tuple(feature.name for feature in self.features)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the columns of a normalised matrix."""
        return tuple(name for feature in self.features if feature.in_matrix for name in feature.outputs)

    def transform(
        self, x: Any, *, ignore: Sequence[str] = (), reorder: bool = False, dtype: str | None = None
    ) -> Any:
        """Normalised `x`: an array (rows, features) for an array, a table of the same sort for a table.

        Arrays hold the features in the order of the contract. Tables are pandas, a pyarrow Table,
        RecordBatch or RecordBatchReader (then batch by batch), or anything with the Arrow C stream; the
        label passes through. `ignore` names columns to leave out, `reorder` allows another order of the
        columns, `dtype` asks for another precision than the contract's.

        Raises ContractError that names missing, unknown, misplaced or mistyped columns.
        """
        from . import apply

        return apply.transform(self, x, ignore=ignore, reorder=reorder, dtype=dtype)

    def inverse(self, y: Any) -> Any:
        """What `transform` was given, in float64, as far as clipping, filling and dropping left it."""
        from . import apply

        return apply.inverse(self, y)

    def verify(self, x: Any, *, ignore: Sequence[str] = ()) -> "Verdict":
        """What was done to `x` (rows, or a Profile): raw, normalised with this contract, or a mistake."""
        from .verify import verify

        return verify(self, x, ignore=ignore)

    def update(self, more: Profile) -> "Normalization":
        """The contract refitted on its own rows and those of `more`; the actions stay."""
        from .update import update

        return update(self, more)

    def fitted_on(self, profile: Profile) -> bool:
        """Whether the profile is of the very rows that this contract was fitted on."""
        return self.fingerprint == profile.fingerprint and self.rows == profile.rows

    def to_torch(self, *, dtype: str | None = None) -> "ContractModule":
        """The same as an `nn.Module` from (rows, features) to (rows, outputs)."""
        module: ContractModule = _torch().ContractModule(self, dtype=dtype)
        return module

    def to_torchvision(self, feature: str | None = None) -> "ImageModule":
        """A transform of images, (..., channels, height, width) uint8 to float, as torchvision has them."""
        module: ImageModule = _torch().ImageModule(self, feature)
        return module

    def to_sklearn(self) -> "ContractTransformer":
        """A scikit-learn transformer that is fitted, and whose `fit` checks its input but never refits."""
        from .sklearn import ContractTransformer

        return ContractTransformer(contract=self).fit_to_contract()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the JSON, complete or not at all."""
        data = document.dump(self.to_json()).encode()
        if len(data) > document.MOST_BYTES:
            raise ContractError(
                f"the contract of {len(self):,} features takes {len(data) >> 20} MiB, more than the "
                f"{document.MOST_BYTES >> 20} MiB that are read again; leave features out"
            )
        with document.atomic(Path(path)) as file:
            file.write(data)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Normalization":
        """The inverse of `save`; nothing is executed. ContractError names the path of a senseless field."""
        node = document.read(path)
        try:
            return cls.from_json(node)
        except ContractError as error:
            raise ContractError(f"{path}: {error}") from error

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "format": FORMAT,
            "version": self.written_by,
            "updates": self.updates,
            "precision": self.precision,
            "fitted_on": {
                "rows": self.rows,
                "fingerprint": self.fingerprint,
                "parts": [{k: getattr(part, k) for k in _PART} for part in self.parts],
            },
            "label": None if self.label is None else self.label.to_json(),
            "features": [feature.to_json() for feature in self.features],
        }

    @classmethod
    def from_json(cls, node: Node) -> "Normalization":
        """The inverse of `to_json`, refusing what makes no sense."""
        given = node.fields(("format", "version", "updates", "precision", "fitted_on", "label", "features"))
        if given["format"].value != FORMAT:
            raise given["format"].refuse(f"format {FORMAT}, the one that datacheck {__version__} reads,")
        fitted = given["fitted_on"].fields(("rows", "fingerprint", "parts"))
        contract = cls(
            features=tuple(Feature.from_json(item) for item in given["features"].items()),
            precision=given["precision"].one_of(LIMITS),
            label=given["label"].optional(Labels.from_json),
            rows=fitted["rows"].count(),
            fingerprint=fitted["fingerprint"].text(),
            parts=tuple(_part(item) for item in fitted["parts"].items()),
            updates=given["updates"].count(),
            written_by=given["version"].text(),
        )
        _check_order(contract, given["features"])
        return contract


def _torch() -> ModuleType:
    try:
        return import_module(f"{__package__}.torch")
    except ModuleNotFoundError as error:
        raise MissingExtraError("torch", extra="torch") from error


_PART = ("name", "fingerprint", "start", "rows")


def _part(node: Node) -> Part:
    given = node.fields(_PART)
    return Part(
        name=given["name"].text(),
        fingerprint=given["fingerprint"].text(),
        start=given["start"].count(),
        rows=given["rows"].count(),
    )


def _check_order(contract: Normalization, node: Node) -> None:
    seen: set[str] = set()
    for place, (feature, item) in enumerate(zip(contract, node.items(), strict=True)):
        if feature.position != place:
            raise Node(feature.position, f"{item.path}.position").refuse(f"{place}, its place in the list,")
        if feature.name in seen:
            raise Node(feature.name, f"{item.path}.name").refuse("a name that no other feature has")
        seen.add(feature.name)
