"""extract -> datacheck -> train -> test with the same contract, as a DAG of Airflow 3.

export AIRFLOW__CORE__DAGS_FOLDER=examples/airflow AIRFLOW__CORE__LOAD_EXAMPLES=False
airflow db migrate
airflow dags test wine_pipeline
airflow dags test wine_pipeline --conf '{"data": "sample_data/wine-broken"}'    # stops before training
"""

from pathlib import Path

from airflow.sdk import Param, dag, task

from datacheck.integrations.airflow import DatacheckOperator

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "wine"


@dag(
    schedule=None,
    params={
        "data": Param(str(SAMPLE), type="string", description="where train.csv, val.csv and test.csv lie"),
        "out": Param("build/wine-pipeline", type="string", description="where everything is written"),
    },
    default_args={"retries": 2},
    tags=["datacheck"],
)
def wine_pipeline() -> None:
    @task
    def extract(params: dict) -> str:
        import shutil

        raw = Path(params["out"]).resolve() / "raw"
        return str(shutil.copytree(params["data"], raw, dirs_exist_ok=True))

    @task
    def train(checked: dict) -> str:
        import numpy as np
        import pandas as pd
        from sklearn.neural_network import MLPClassifier

        import datacheck as dc

        contract = dc.Normalization.load(checked["normalization"])
        table = contract.transform(pd.read_csv(Path(checked["data"]) / "train.csv"))
        labels = contract.label.encode(table.pop(contract.label.name))
        model = MLPClassifier((16,), solver="lbfgs", alpha=1.0, random_state=0).fit(table.to_numpy(), labels)
        weights = Path(checked["report"]).with_name("weights.npz")
        np.savez(
            weights, w1=model.coefs_[0], b1=model.intercepts_[0], w2=model.coefs_[1], b2=model.intercepts_[1]
        )
        return str(weights)

    @task
    def test(checked: dict, weights: str) -> float:
        import numpy as np
        import pandas as pd

        import datacheck as dc

        contract = dc.Normalization.load(checked["normalization"])  # the one that the model was trained with
        table = contract.transform(pd.read_csv(Path(checked["data"]) / "test.csv"))
        verdict = contract.verify(table)
        if verdict.state != "normalised":
            raise ValueError(f"the test rows are not what the model was trained on: {verdict}")
        labels = contract.label.encode(table.pop(contract.label.name))
        model = np.load(weights, allow_pickle=False)
        hidden = np.maximum(table.to_numpy() @ model["w1"] + model["b1"], 0)
        answers = (hidden @ model["w2"] + model["b2"]).argmax(axis=1)
        return float((answers == labels).mean())

    checked = DatacheckOperator(
        task_id="datacheck", data=extract(), report="{{ params.out }}/report", fail_on="error"
    )
    test(checked.output, train(checked.output))


wine_pipeline()
