"""TensorFlow Data Validation: the other split's statistics against a schema inferred from the training split.

Its defaults have no threshold for a difference of distributions, and its guide says that the right one takes
knowledge of the domain: here the 0.01 of the guide's example, for the Jensen-Shannon divergence of numbers and the
L-infinity distance of categories. The label is given as text, which makes it a category. NaN and infinities are
forbidden in the schema, and the training split is also held against a schema of the other one, so that what it alone
lacks is seen.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import pandas as pd
import tensorflow_data_validation as tfdv
from harness import main
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2

KINDS = anomalies_pb2.AnomalyInfo.Type
CELLS = {
    KINDS.FEATURE_TYPE_LOW_FRACTION_PRESENT: "missing-values",
    KINDS.FEATURE_TYPE_LOW_NUMBER_PRESENT: "missing-values",
    KINDS.FLOAT_TYPE_HAS_NAN: "non-finite-values",
    KINDS.FLOAT_TYPE_HAS_INF: "non-finite-values",
}
DRIFTED = {KINDS.COMPARATOR_L_INFTY_HIGH, KINDS.COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH}
THRESHOLD = 0.01


def schema_of(statistics):
    schema = tfdv.infer_schema(statistics)
    for feature in schema.feature:
        if feature.type == schema_pb2.BYTES:
            feature.drift_comparator.infinity_norm.threshold = THRESHOLD
        else:
            feature.drift_comparator.jensen_shannon_divergence.threshold = THRESHOLD
        if feature.type == schema_pb2.FLOAT:
            feature.float_domain.disallow_nan = feature.float_domain.disallow_inf = True
    return schema


def anomalies(statistics, reference):
    """The column and the kind of each reason that validation gives."""
    found = tfdv.validate_statistics(statistics, schema_of(reference), previous_statistics=reference)
    return [(name, reason.type) for name, info in found.anomaly_info.items() for reason in info.reason]


def ask(train, test, label):
    first, second = (
        tfdv.generate_statistics_from_dataframe(table.assign(**{label: "class " + table[label].astype(str)}))
        for table in (train, test)
    )
    forward, backward = anomalies(second, first), anomalies(first, second)
    found = {CELLS[kind] for _, kind in (*forward, *backward) if kind in CELLS}
    found |= {
        "label-shift" if name == label else "covariate-shift" for name, kind in forward if kind in DRIFTED
    }
    unseen = (label, KINDS.ENUM_TYPE_UNEXPECTED_STRING_VALUES) in forward
    return found | ({"unseen-label"} if unseen else set())


def profile(path):
    tfdv.generate_statistics_from_dataframe(pd.read_parquet(path))


if __name__ == "__main__":
    main(ask, profile, {"covariate-shift", "label-shift", "unseen-label", *CELLS.values()})
