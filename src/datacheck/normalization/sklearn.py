"""The contract as a scikit-learn estimator."""

from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from ..errors import ContractError
from ..profiles import Profile
from ..schema import Schema, Training
from .apply import to_matrix
from .contract import Normalization


class ContractTransformer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Normalises by a contract, in pipelines and with `set_output`.

    With a `contract`, `fit` checks that its input fits and learns nothing: cross-validation and refits keep
    the statistics of the training split. Without one, `fit` makes a contract of its input for `precision`.
    Results have the type of a float input, else float64; missing values are filled, infinities refused.

    >>> import numpy as np
    >>> ContractTransformer().fit_transform(np.array([[1.0], [3.0], [5.0]])).round(3).tolist()
    [[-1.225], [0.0], [1.225]]
    """

    def __init__(self, contract: Normalization | None = None, precision: str = "float32") -> None:
        self.contract = contract
        self.precision = precision

    def fit(self, X: Any, y: Any = None) -> Self:
        """Checks that X fits the contract, or makes one of X, shape (rows, features)."""
        if self.contract is not None:
            to_matrix(self.contract, X[:0], "float64")
            return self.fit_to_contract()
        x = validate_data(self, X, dtype=_FLOATS, ensure_all_finite="allow-nan")
        names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(x.shape[1])])
        batch = pa.RecordBatch.from_arrays(
            [pa.array(column) for column in np.ascontiguousarray(x.T)], list(names)
        )
        self.contract_ = Normalization.of(Profile.of(batch), Schema(), Training(precision=self.precision))
        return self

    def fit_to_contract(self) -> Self:
        """Fitted, with nothing but the contract given; ContractError without one."""
        if self.contract is None:
            raise ContractError(
                "no contract given; expected ContractTransformer(contract=…), or a call of fit"
            )
        self.contract_ = self.contract
        self.n_features_in_ = len(self.contract)
        self.feature_names_in_ = np.array(self.contract.names, dtype=object)
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        """Normalised X, shape (rows, outputs)."""
        check_is_fitted(self, "contract_")
        if self.contract is None:
            X = validate_data(self, X, dtype=_FLOATS, ensure_all_finite="allow-nan", reset=False)
        return to_matrix(
            self.contract_, X, "float32" if getattr(X, "dtype", None) == np.float32 else "float64"
        )

    def inverse_transform(self, X: Any) -> NDArray[np.float64]:
        """Values in the units of the features, shape (rows, features)."""
        check_is_fitted(self, "contract_")
        back: NDArray[np.float64] = self.contract_.inverse(
            check_array(X, dtype=_FLOATS, ensure_all_finite=False)
        )
        return back

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names of the outputs."""
        check_is_fitted(self, "contract_")
        if self.contract is None:
            return np.asarray(super().get_feature_names_out(input_features), dtype=object)
        return np.array(self.contract.outputs, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


_FLOATS = (np.float64, np.float32)
