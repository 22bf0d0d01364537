"""What the columns are for, and what training will look like."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """The label, the task, and how they were found.

    `label_source` is "given" or "found by name"; `task` is "classification" or "regression", None without a
    label; `task_source` says on what grounds.
    """

    label: str | None = None
    label_source: str = ""
    task: str | None = None
    task_source: str = ""

    @property
    def classification(self) -> bool:
        """Whether the labels are classes."""
        return self.task == "classification"


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """How the network will be trained, as far as it matters to the data.

    `shuffled` is None when nobody said whether the loader shuffles.
    """

    batch_size: int = 32
    precision: str = "float32"
    shuffled: bool | None = None
