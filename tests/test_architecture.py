import ast
from collections.abc import Iterator
from pathlib import Path

import datacheck

ROOT = Path(datacheck.__file__).parent
LAYERS = [
    {"errors", "kinds", "finding", "schema", "__init__"},
    {"statistics", "records"},
    {"part", "block"},
    {"profiles"},
    {"dataset_profile", "saved", "part_bytes"},
    {"sources", "cache"},
    {"dataset"},
    {"engines"},
    {"probes", "checkers", "normalization"},
    {"report"},
    {"config"},
    {"checking"},
    {"run"},
    {"loader", "testing", "store"},
    {"selftest"},
    {"reporters"},
    {"output", "progress_bars"},
    {"integrations"},
    {"cli_options"},
    {"commands"},
    {"cli"},
]
HEAVY = {
    "torch": ("probes/", "normalization/torch.py", "sources/torch_dataset.py", "loader", "testing"),
    "pandas": ("sources/", "normalization/", "report.py", "reporters/"),
    "great_expectations": ("integrations/",),
    "pandera": ("integrations/",),
    "airflow": ("integrations/",),
    "pyspark": ("sources/", "engines/spark.py", "integrations/"),
}


def layer(module: str) -> float:
    if module.startswith("_") and module != "__init__":
        return 0.5
    return next(number for number, names in enumerate(LAYERS) if module in names)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Modules that a file imports: the part of datacheck for its own, the package for others."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package[: len(package) - node.level + 1]
            full = [*above, *(node.module or "").split(".")]
            names = [part for part in full if part] or [alias.name for alias in node.names]
            yield f"datacheck.{names[0]}", node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.lineno
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)


def test_imports_flow_one_way() -> None:
    wrong = []
    for path in ROOT.rglob("*.py"):
        own = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if own in ("__init__", "__main__"):
            continue
        for module, line in imports(path):
            if not module.startswith("datacheck."):
                continue
            other = module.split(".")[1]
            if other in (own, "__version__"):
                continue
            below = layer(other) < layer(own) or (layer(own) == layer(other) == 0.5)
            if not below:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {other}")

    assert not wrong, "\n".join(wrong)


def test_heavy_packages_stay_in_their_files() -> None:
    wrong = []
    for path in ROOT.rglob("*.py"):
        relative = path.relative_to(ROOT).as_posix()
        for module, line in imports(path):
            allowed = HEAVY.get(module.split(".")[0])
            if allowed is not None and not relative.startswith(allowed):
                wrong.append(f"{relative}:{line} imports {module}")

    assert not wrong, "\n".join(wrong)


def test_broad_excepts_stand_round_the_checkers_and_round_the_program() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"))
    ]

    assert sorted(found) == ["checking.py", "cli.py"]
