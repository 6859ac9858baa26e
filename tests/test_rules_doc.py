"""What docs/rules.md says of each rule is what holds: no rule is missing, and a base may weigh just those."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codegate.config import Config
from codegate.errors import ConfigError
from codegate.gates.weights import BENDING, refuse_unbending

ROOT = Path(__file__).resolve().parents[1]
RULE = r"(?:scope|syntax|lint|imports|secrets|types|tests|contract|answer)/[A-Za-z.-]+"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]
TICKED = {rule: row[-1] == "✓" for row in ROWS for rule in re.findall(f"`({RULE})`", row[0])}


def test_every_rule_that_the_code_names_is_there() -> None:
    """A finding that a person meets can be looked up."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "codegate").rglob("*.py"))
    named = set(re.findall(f'"({RULE})"', code)) - {"scope/more"}
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert len(named) > 50
    assert sorted(rule for rule in named if f"`{rule}`" not in text) == []
    bending = {f"{gate}/{name}" for gate, names in BENDING.items() for name in names if name != "*"}
    assert sorted(rule for rule in bending if not TICKED.get(rule)) == []


@pytest.mark.parametrize("rule", sorted(TICKED))
def test_a_tick_means_that_a_base_may_weigh_it(rule: str) -> None:
    """And none means that it may not; a note asks nothing, so nothing is there to weigh."""
    if next(row for row in ROWS if f"`{rule}`" in row[0])[2] == "note":
        return
    config = Config(rules={rule: "warning"})
    if TICKED[rule]:
        refuse_unbending(config)
    else:
        with pytest.raises(ConfigError, match=re.escape(rule)):
            refuse_unbending(config)
