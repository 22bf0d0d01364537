"""The metrics of great_expectations that stand behind our expectations: a batch's profile, and the answers."""

from collections.abc import Mapping
from typing import Any

from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration

from ...dataset import Dataset, find
from ...dataset_profile import DatasetProfile
from ...engines.assemble import profile_dataset, settle
from ...report import Report
from .. import need
from ..questions import answer
from .known import known

PROFILE = "table.datacheck_profile"
ANSWERS = "table.datacheck_answers"


class BatchProfile(TableMetricProvider):
    """The profile of a batch; the expectations of a suite share it, as long as they name the same label.

    Nulls are counted by our own profile, in pandas and in Spark alike, so nothing is filtered before.
    """

    metric_name = PROFILE
    value_keys = ("label",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls,
        execution_engine: Any,
        metric_domain_kwargs: Mapping[str, Any],
        metric_value_kwargs: Mapping[str, Any],
        metrics: Mapping[str, Any],
        runtime_configuration: Any,
    ) -> DatasetProfile:
        frame = execution_engine.get_domain_records(domain_kwargs=metric_domain_kwargs)
        dataset = find(frame)
        return profile_dataset(dataset, label=_present(dataset, metric_value_kwargs["label"]))

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(
        cls,
        execution_engine: Any,
        metric_domain_kwargs: Mapping[str, Any],
        metric_value_kwargs: Mapping[str, Any],
        metrics: Mapping[str, Any],
        runtime_configuration: Any,
    ) -> DatasetProfile:
        need("pyspark", "spark")
        from ...engines.spark import profile_dataframe

        frame = execution_engine.get_domain_records(domain_kwargs=metric_domain_kwargs)
        label = metric_value_kwargs["label"]
        label = label if label in frame.columns else None
        profiles = {"data": profile_dataframe(frame, label=label)}
        return DatasetProfile(splits=profiles, schema=settle(profiles, label, given=True, task=None))


def _present(dataset: Dataset, label: str | None) -> str | None:
    """The label if the batch has it: rows that are yet to be labelled can be judged by all other questions."""
    names = [name for split in dataset.splits.values() for name in split.schema.names]
    return label if label in names else None


class Answers(TableMetricProvider):
    """What the checkers of one question say of a batch; its columns share it."""

    metric_name = ANSWERS
    value_keys = ("question", "kwargs")

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls,
        execution_engine: Any,
        metric_domain_kwargs: Mapping[str, Any],
        metric_value_kwargs: Mapping[str, Any],
        metrics: Mapping[str, Any],
        runtime_configuration: Any,
    ) -> Report:
        return _answers(metric_value_kwargs, metrics[PROFILE])

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(
        cls,
        execution_engine: Any,
        metric_domain_kwargs: Mapping[str, Any],
        metric_value_kwargs: Mapping[str, Any],
        metrics: Mapping[str, Any],
        runtime_configuration: Any,
    ) -> Report:
        return _answers(metric_value_kwargs, metrics[PROFILE])

    @classmethod
    def _get_evaluation_dependencies(
        cls,
        metric: Any,
        configuration: Any = None,
        execution_engine: Any = None,
        runtime_configuration: Any = None,
    ) -> dict[str, Any]:
        label = metric.metric_value_kwargs["kwargs"].get("label")
        return {PROFILE: MetricConfiguration(PROFILE, metric.metric_domain_kwargs, {"label": label})}


def _answers(asked: Mapping[str, Any], batch: DatasetProfile) -> Report:
    return answer(asked["question"], batch, known(asked["kwargs"]))
