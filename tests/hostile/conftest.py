import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the modules of cases import one another, in the worker's process as well
collect_ignore = [path.name for path in HERE.glob("*.py") if not path.name.startswith("test_")]
