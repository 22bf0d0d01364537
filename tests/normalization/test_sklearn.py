import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from datacheck.errors import ContractError
from datacheck.normalization.sklearn import ContractTransformer


@pytest.mark.filterwarnings("ignore")
def test_check_estimator():
    results = check_estimator(ContractTransformer(), on_fail=None)

    assert [r["check_name"] for r in results if r["status"] == "failed"] == []
    assert sum(r["status"] == "passed" for r in results) > 30


@pytest.fixture
def frame(table):
    return pd.DataFrame(table).drop(columns="y")


@pytest.fixture
def contract(fit, table):
    return fit({k: v for k, v in table.items() if k != "y"})


def test_results_are_those_of_the_contract(contract, frame):
    given = contract.to_sklearn().transform(frame)

    np.testing.assert_array_equal(given, contract.transform(frame, dtype="float64").to_numpy())


def test_fit_keeps_the_statistics_of_the_training_split(contract, frame):
    estimator = clone(contract.to_sklearn()).fit(frame.tail(50))

    np.testing.assert_array_equal(estimator.transform(frame), contract.to_sklearn().transform(frame))


def test_set_output_names_the_columns(contract, frame):
    given = contract.to_sklearn().set_output(transform="pandas").transform(frame)

    assert tuple(given.columns) == contract.outputs
    assert given.index.equals(frame.index)


def test_in_a_pipeline(fit):
    rng = np.random.default_rng(6)
    x = rng.normal([0, 1e6], [1, 1e3], (200, 2))
    y = (x[:, 0] > 0).astype(int)
    contract = fit({"a": x[:, 0], "b": x[:, 1]})

    model = make_pipeline(contract.to_sklearn(), LogisticRegression()).fit(x, y)

    assert model.score(x, y) > 0.95
    np.testing.assert_allclose(model[0].inverse_transform(model[0].transform(x)), x)


def test_fitted_by_itself_it_is_a_standard_scaler():
    x = np.random.default_rng(7).normal(5, 3, (100, 2))

    given = ContractTransformer().fit_transform(x)

    np.testing.assert_allclose(given, StandardScaler().fit_transform(x), rtol=1e-9)


def test_it_pickles(contract, frame):
    again = pickle.loads(pickle.dumps(contract.to_sklearn()))

    np.testing.assert_array_equal(again.transform(frame), contract.to_sklearn().transform(frame))


def test_other_columns_are_refused(contract, frame):
    with pytest.raises(ContractError, match="columns 'tiny' of the contract are missing"):
        contract.to_sklearn().fit(frame.drop(columns="tiny"))


def test_without_a_contract_there_is_nothing_to_fit_to():
    with pytest.raises(ContractError, match="no contract given"):
        ContractTransformer().fit_to_contract()


def test_names_of_outputs_without_a_contract(frame):
    estimator = ContractTransformer().set_output(transform="pandas")

    assert list(estimator.fit_transform(frame[["tiny", "huge"]]).columns) == ["tiny", "huge"]
