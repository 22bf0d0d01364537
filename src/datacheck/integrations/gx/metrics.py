"""The metrics of great_expectations that stand behind our expectations: a batch's profile, and the answers."""

from collections.abc import Mapping
from typing import Any

from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration

from ...dataset import find
from ...dataset_profile import DatasetProfile
from ...engines.assemble import profile_dataset
from ...report import Report
from ..questions import answer
from .known import known_from

PROFILE = "table.datacheck_profile"
ANSWERS = "table.datacheck_answers"


class BatchProfile(TableMetricProvider):
    """The profile of a batch; the expectations of a suite share it, as long as they name the same label.

    Nulls are counted by our own profile, in pandas and in Spark alike, so nothing is filtered before.
    """

    metric_name = PROFILE
    value_keys = ("label",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, **given: Any) -> DatasetProfile:
        return _profiled(**given)

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(cls, **given: Any) -> DatasetProfile:
        return _profiled(**given)


class Answers(TableMetricProvider):
    """What the checkers of one question say of a batch; its columns share it."""

    metric_name = ANSWERS
    value_keys = ("question", "kwargs")

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, **given: Any) -> Report:
        return _answered(**given)

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(cls, **given: Any) -> Report:
        return _answered(**given)

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


def _profiled(
    execution_engine: Any, metric_domain_kwargs: Any, metric_value_kwargs: Mapping[str, Any], **rest: Any
) -> DatasetProfile:
    """The batch's profile; a label that it lacks is no hindrance, for other questions need none."""
    dataset = find(execution_engine.get_domain_records(domain_kwargs=metric_domain_kwargs))
    label = metric_value_kwargs["label"]
    names = {name for split in dataset.splits.values() for name in split.schema.names}
    return profile_dataset(dataset, label=label if label in names else None)


def _answered(metric_value_kwargs: Mapping[str, Any], metrics: Mapping[str, Any], **rest: Any) -> Report:
    known = known_from(metric_value_kwargs["kwargs"])
    return answer(metric_value_kwargs["question"], metrics[PROFILE], known)
