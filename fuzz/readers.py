"""Fuzzes one reader: `python fuzz/readers.py contract -max_total_time=60`, with any option of libFuzzer.

Targets: contract, profile, check, report, baseline (see targets.py). Half of the inputs are texts of the
fuzzer's own, the rest are edits of a valid document. The last line of the output counts the executions.
"""

import atexit
import json
import shutil
import sys

import atheris

with atheris.instrument_imports(include=["datacheck"]):
    import targets

from edits import edited


def main() -> None:
    name = sys.argv.pop(1)
    document = json.dumps(targets.seed(name)).encode()

    def one(data: bytes) -> None:
        raw = data[:1] < b"\x80"
        text = data[1:] if raw else edited(document, atheris.FuzzedDataProvider(data[1:]))
        targets.attempt(name, text)

    atexit.register(shutil.rmtree, targets._PLACE, ignore_errors=True)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
