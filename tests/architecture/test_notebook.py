"""What docs/notebook.md shows works as shown, from the first line to the last."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "notebook.md"


def test_the_notebook_runs_and_says_what_it_should(tmp_path: Path) -> None:
    blocks = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 4
    (tmp_path / "data").symlink_to(ROOT / "data")
    printed = io.StringIO()
    cells: dict[str, object] = {"__name__": "notebook"}
    with contextlib.chdir(tmp_path), contextlib.redirect_stdout(printed):
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), cells)
    said = printed.getvalue()
    assert "CameraOnPath(camera_id='C1'" in said
    assert "True" in said  # the graph comes back from networkx as it was
    assert "3 nodes" in said
    assert (tmp_path / "streets.parquet").is_file()
