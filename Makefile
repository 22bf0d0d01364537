# Two commands set everything up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint docs golden fuzz bench bench-peers error-rates sample-data clean

demo: $(VENV)/.core
	$(BIN)/datacheck profile sample_data/wine-broken --out build/demo-report || test $$? -eq 1  # 1: it found the planted faults

# one thread of linear algebra a process: more, times the test processes, is several times slower
test: $(VENV)/.all $(VENV)/spark/.done $(VENV)/airflow/.done
	$(VENV)/airflow/bin/python -m pytest -q tests/airflow src/datacheck/integrations/airflow.py
	$(VENV)/spark/bin/python -m pytest -q tests/spark
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -q --numprocesses auto

lint: $(VENV)/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.all
	$(BIN)/python docs/make.py

golden: $(VENV)/.all
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q tests/reporters/test_golden.py

bench: $(VENV)/.all
	$(BIN)/python benchmarks/speed/table.py

# each tool in an environment of its own, with the pins in benchmarks/peers
PEERS = cleanlab evidently deepchecks alibi-detect ydata-profiling tensorflow-data-validation
bench-peers: $(VENV)/.all $(PEERS:%=$(VENV)/peers/%/.done)
	$(BIN)/python benchmarks/speed/data.py build/bench 1m
	$(BIN)/python benchmarks/peers/table.py --profile build/bench/1m.parquet

# its pins are all that it needs here; the file says why
$(VENV)/peers/tensorflow-data-validation/.done: ALONE = --no-deps
$(VENV)/peers/%/.done: benchmarks/peers/%.txt
	$(PYTHON) -m venv $(VENV)/peers/$*
	$(VENV)/peers/$*/bin/python -m pip install --quiet --disable-pip-version-check $(ALONE) --requirement $<
	touch $@

error-rates: $(VENV)/.all
	$(BIN)/python benchmarks/detection/error_rates.py --draws 200 --rows 300 --rows 1000 --rows 3000 --seed 1

FUZZ_SECONDS ?= 60
fuzz: $(VENV)/.all
	for target in contract profile check report baseline; do \
	  $(BIN)/python fuzz/readers.py $$target -max_total_time=$(FUZZ_SECONDS) -max_len=512 || exit 1; \
	done

sample-data: $(VENV)/.core
	$(BIN)/python sample_data/make.py

clean:
	rm -rf $(VENV) build datacheck-report

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

# torch first, with its constraint: an unpinned torch pulls gigabytes
$(VENV)/.all: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) torch
	$(PIP) --editable ".[all]"
	$(PIP) --requirement requirements-dev.txt
	touch $@ $(VENV)/.core

# hosts that pin what the rest does not want to be pinned to: one environment and one list of pins each;
# the Spark one also runs the Dask lines of docs/scale.md and the expectations on Spark frames
WITH_spark = great_expectations "dask[dataframe]"
$(VENV)/%/.done: pyproject.toml constraints-%.txt $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)/$*
	$(VENV)/$*/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-$*.txt \
	  --editable ".[$*]" pytest $(WITH_$*)
	touch $@
