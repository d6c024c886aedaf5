"""Layout: who may import whom, what a module shows, and how long anything may be."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
LAYERS = ("domain", "activities", "workflows", "integration", "worker")  # each may import those before it, not after
OUTSIDE = ("deploy", "tests", "benchmarks")  # these may import anything
PARTS = ("referral", "investigation", "restriction", "hearing", "outcome", "departure", "reflection")
LOWEST = ("errors", "roles", "vocabulary", "working_days")  # of the domain: these import nothing of ours but each other

# What the domain may use: no clock, chance, environment, network or files but its own data.
PURE = {
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "importlib.resources",
    "itertools",
    "json",
    "pydantic",
    "re",
    "tomllib",
    "types",
    "typing",
    "uuid",
    "zoneinfo",
}

# What a workflow may use beside the layers below it and Temporal itself: there is no sandbox that would refuse the rest
# (docs/adr/0027).
DETERMINISTIC = {
    "asyncio",
    "collections",
    "contextlib",
    "datetime",
    "inspect",
    "pydantic",
    "temporalio",
    "typing",
    "uuid",
}

LONGEST_MODULE, LONGEST_FUNCTION = 350, 35
# module: why it may be, for now
TOO_LONG: dict[str, str] = {"integration/verify.py": "one file that stands by itself, and goes out with each export"}
TO_BE_SHOWN: dict[str, set[str]] = {}  # imported by others, and missing from `__all__`


def modules(*rooms: str) -> list[Path]:
    found = [CHECKOUT / f"{room}.py" for room in rooms] + [p for room in rooms for p in (CHECKOUT / room).rglob("*.py")]
    return sorted(path for path in found if path.is_file())


def name(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def dotted(path: Path) -> str:
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Everything that a module imports, as far as it is named: `from domain import hearing` is `domain.hearing`."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name(path)} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("files", "import_module"):
            yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))  # named by a string


def room_of(imported: str) -> str:
    return imported.partition(".")[0]


@pytest.mark.parametrize("path", modules(*LAYERS), ids=name)
def test_imports_run_one_way(path: Path) -> None:
    here = LAYERS.index(path.relative_to(CHECKOUT).with_suffix("").parts[0])
    above = {*LAYERS[here + 1 :], *OUTSIDE} - ({"deploy"} if LAYERS[here] == "worker" else set())
    assert {room_of(each) for each in imports(path)} & above == set()


@pytest.mark.parametrize("path", modules("domain"), ids=name)
def test_the_domain_is_pure(path: Path) -> None:
    allowed = {*PURE, "domain"}
    assert {each for each in imports(path) if not any(each == a or each.startswith(f"{a}.") for a in allowed)} == set()


@pytest.mark.parametrize("path", modules("domain"), ids=name)
def test_the_domain_asks_no_clock_and_draws_no_lots(path: Path) -> None:
    asked = {node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
    assert asked & {"now", "utcnow", "today", "uuid1", "uuid4", "getnode", "environ"} == set()
    called = {
        node.func.id for node in ast.walk(parsed(path)) if isinstance(node, ast.Call) and hasattr(node.func, "id")
    }
    assert called & {"open", "print", "input", "exec", "eval", "__import__"} == set()


@pytest.mark.parametrize("path", modules("activities/text"), ids=name)
def test_text_knows_nothing_of_webhooks(path: Path) -> None:
    """Webhooks carry text, and not the other way round."""
    assert [each for each in imports(path) if each.startswith("activities.webhooks")] == []


@pytest.mark.parametrize("path", modules("workflows"), ids=name)
def test_a_workflow_imports_nothing_that_replay_would_find_otherwise(path: Path) -> None:
    assert {room_of(each) for each in imports(path)} - {*DETERMINISTIC, "activities", "domain", "workflows"} == set()


# Real time, threads and chance, which on the loop of a workflow would not be replayed.
UNREPLAYED = {"create_subprocess_exec", "run_in_executor", "to_thread", "uuid1", "uuid4", "getnode", "utcnow", "today"}


@pytest.mark.parametrize("path", modules("workflows"), ids=name)
def test_a_workflow_does_nothing_that_replay_would_not_do_again(path: Path) -> None:
    called = [node.func for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    asked = {f"{_holder(each)}.{each.attr}" for each in called if isinstance(each, ast.Attribute)}
    assert {each for each in asked if each.split(".")[-1] in UNREPLAYED and not each.startswith("workflow.")} == set()
    assert {each for each in asked if each.endswith(".now")} <= {"workflow.now"}
    assert {each.id for each in called if isinstance(each, ast.Name)} & {
        "open",
        "print",
        "input",
        "exec",
        "eval",
    } == set()


def _holder(attribute: ast.Attribute) -> str:
    return attribute.value.id if isinstance(attribute.value, ast.Name) else ""


def within_the_domain(path: Path) -> set[str]:
    """The modules of the domain, by the name under it, that a module imports."""
    ours = [each.split(".") for each in imports(path) if room_of(each) == "domain"]
    known = {p.stem if p.stem != "__init__" else p.parent.name for p in modules("domain")}
    return {each[1] for each in ours if len(each) > 1 and each[1] in known}


def files_of(*members: str) -> list[Path]:
    return [
        path for path in modules("domain") if path.relative_to(CHECKOUT / "domain").with_suffix("").parts[0] in members
    ]


@pytest.mark.parametrize("path", files_of(*PARTS), ids=name)
def test_the_parts_do_not_know_each_other(path: Path) -> None:
    own = path.relative_to(CHECKOUT / "domain").with_suffix("").parts[0]
    assert within_the_domain(path) & {*PARTS, "case", "deadlines", "summary"} - {own} == set()


def test_the_case_knows_every_part() -> None:
    assert within_the_domain(CHECKOUT / "domain" / "case.py") >= {*PARTS, "deadlines"}


ABOVE = ("domain.case", "domain.retelling", "domain.hindsight")  # the dispatch, and what tells a case again by it


@pytest.mark.parametrize("path", [p for p in modules("domain") if dotted(p) not in ABOVE], ids=name)
def test_nothing_in_the_domain_knows_the_case_s_dispatch(path: Path) -> None:
    assert "case" not in within_the_domain(path)


@pytest.mark.parametrize("path", files_of(*LOWEST), ids=name)
def test_the_lowest_modules_of_the_domain_stand_by_themselves(path: Path) -> None:
    assert within_the_domain(path) <= set(LOWEST)


# --- What a module shows


def public_modules(*rooms: str) -> list[Path]:
    """Modules that others import from: not those named with a leading underscore, nor a package's bare `__init__`."""
    return [path for path in modules(*rooms) if _is_public(path) and parsed(path).body[1:]]


def _is_public(path: Path) -> bool:
    return not any(
        part.startswith("_") and part != "__init__" for part in path.relative_to(CHECKOUT).with_suffix("").parts
    )


@pytest.mark.parametrize("path", public_modules("domain"), ids=name)
def test_a_module_of_the_domain_says_what_it_shows(path: Path) -> None:
    module = importlib.import_module(dotted(path))
    shown = module.__all__
    assert shown, "nothing is shown"
    assert len(shown) == len(set(shown))
    assert [each for each in shown if not hasattr(module, each)] == []


def names_taken(path: Path) -> Iterator[tuple[str, str]]:
    """Each name that a module takes of another, as `fold` of `domain.case`: imported, or asked of what it imports."""
    nodes = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.ImportFrom)]
    imported = [(str(node.module), alias) for node in nodes for alias in node.names]
    yield from ((module, alias.name) for module, alias in imported)
    held = {alias.asname or alias.name: f"{module}.{alias.name}" for module, alias in imported}
    attributes = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)]
    yield from ((held[_holder(node)], node.attr) for node in attributes if _holder(node) in held)


@cache
def taken_by_others() -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {dotted(path): set() for path in modules(*LAYERS, "deploy")}
    for path in modules(*LAYERS, "deploy"):
        for module, taken in names_taken(path):
            if module in found and f"{module}.{taken}" not in found and not taken.startswith("__"):
                found[module].add(taken)
    return found


@pytest.mark.parametrize("path", public_modules(*LAYERS, "deploy"), ids=name)
def test_what_others_take_from_a_module_is_shown(path: Path) -> None:
    shown = {*getattr(importlib.import_module(dotted(path)), "__all__", ()), "*"}
    assert taken_by_others()[dotted(path)] - shown == TO_BE_SHOWN.get(dotted(path), set())


@pytest.mark.parametrize("path", modules(*LAYERS, "deploy"), ids=name)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert (ast.get_docstring(parsed(path)) or "").strip(), "no docstring"


@pytest.mark.parametrize("path", modules(*LAYERS, "deploy"), ids=name)
def test_a_module_loses_no_cancellation(path: Path) -> None:
    """As `asyncio.wait_for` does on Python 3.11, when it comes together with the answer: `asyncio.timeout` does not."""
    assert "asyncio.wait_for(" not in path.read_text("utf-8")


def test_a_class_has_a_name_of_its_own() -> None:
    """One name, one idea, across the layers too. What a module keeps to itself, as `_X`, it names as it likes."""
    where: dict[str, list[str]] = {}
    for path in modules(*LAYERS, "deploy"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where.setdefault(node.name, []).append(f"{name(path)}:{node.lineno}")
    assert {each: places for each, places in where.items() if len(places) > 1} == {}


# --- How long anything may be


@pytest.mark.parametrize("path", modules(*LAYERS, "deploy", "benchmarks"), ids=name)
def test_a_module_can_be_read_in_one_go(path: Path) -> None:
    long = len(path.read_text("utf-8").splitlines()) > LONGEST_MODULE
    assert long == (name(path) in TOO_LONG), TOO_LONG.get(name(path), "too long")


@pytest.mark.parametrize("path", modules(*LAYERS, "deploy", "benchmarks"), ids=name)
def test_a_function_can_be_read_in_one_look(path: Path) -> None:
    functions = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = [(each.name, (each.end_lineno or each.lineno) - each.lineno + 1) for each in functions]
    assert [each for each in lengths if each[1] > LONGEST_FUNCTION] == []


def test_every_layer_of_the_design_is_there() -> None:
    assert [room for room in LAYERS if not modules(room)] == []


def test_a_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in (CHECKOUT / "docs" / "adr").glob("*.md")]
    assert sorted(numbers) == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_the_command_line_loads_nothing_that_only_a_server_needs() -> None:
    loaded = "import integration.cli.main, sys; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", loaded], cwd=CHECKOUT, check=True, capture_output=True, text=True)
    assert {"fastapi", "httpx2", "opentelemetry.sdk", "uvicorn"}.isdisjoint(told.stdout.split())
