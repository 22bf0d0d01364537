"""What `airflow providers list` shows; a file of its own, as Airflow reads it while it is still loading."""


def get_provider_info() -> dict[str, object]:
    """The entry point `apache_airflow_provider`.

    >>> get_provider_info()["package-name"]
    'datacheck-ml'
    """
    return {
        "package-name": "datacheck-ml",
        "name": "datacheck",
        "description": "Will this data break my training, and where? DatacheckOperator profiles and checks.",
        "operators": [
            {"integration-name": "datacheck", "python-modules": ["datacheck.integrations.airflow"]}
        ],
        "integrations": [{"integration-name": "datacheck", "tags": ["software"]}],
    }
