from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadnet.assemble import assemble_graph
from roadnet.errors import NetworkError
from roadnet.graph import ARRAYS
from roadnet.graph_file import MAGIC, load_graph, save_graph
from roadnet.importers import read_network
from tests.roadnet.random_ways import ways
from tests.roadnet.towns import grid_town, town

ONE_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "grid.roadgraph"
    save_graph(grid_town(3, 3).graph, str(path))
    return path


@given(ways())
@ONE_FILE
def test_a_saved_graph_comes_back_bit_for_bit_and_is_ready_for_kernels(tmp_path, drawn):
    path = str(tmp_path / "drawn.roadgraph")
    graph = assemble_graph(drawn)
    save_graph(graph, path)
    loaded = load_graph(path)
    assert loaded.same_as(graph)
    assert loaded.check() == ()
    for name in ARRAYS:
        fresh, read = getattr(graph, name), getattr(loaded, name)
        assert read.dtype == fresh.dtype
        assert read.flags.aligned
        assert not read.flags.writeable


def test_the_same_graph_gives_the_same_bytes_wherever_it_is_saved(tmp_path):
    graph = town("A 0 0; B 100 0", "A-B primary name=滨江路").graph
    (tmp_path / "folder").mkdir()
    first, second = tmp_path / "a.roadgraph", tmp_path / "folder" / "b.roadgraph"
    save_graph(graph, str(first))
    save_graph(load_graph(str(first)), str(second))
    assert first.read_bytes() == second.read_bytes()
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["a.roadgraph"]


def test_a_saved_graph_is_a_network_file_and_always_wgs84(saved):
    for datum in ("wgs84", "gcj02"):
        assert read_network(str(saved), datum=datum).same_as(grid_town(3, 3).graph)


@given(st.data())
@ONE_FILE
def test_any_changed_byte_is_noticed(saved, data):
    content = bytearray(saved.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    broken = saved.with_name("broken.roadgraph")
    broken.write_bytes(content)
    with pytest.raises(NetworkError) as raised:
        load_graph(str(broken))
    assert raised.value.code == "graph_file_broken"
    assert raised.value.where == str(broken)


@given(st.data())
@ONE_FILE
def test_a_file_that_ends_too_early_is_noticed(saved, data):
    content = saved.read_bytes()
    broken = saved.with_name("broken.roadgraph")
    broken.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(NetworkError) as raised:
        load_graph(str(broken))
    assert raised.value.code == "graph_file_broken"


def test_another_version_and_another_kind_of_file_are_told_apart(saved):
    content = saved.read_bytes()
    saved.write_bytes(MAGIC[:-1] + b"9" + content[len(MAGIC) :])
    with pytest.raises(NetworkError, match="another version"):
        load_graph(str(saved))
    saved.write_bytes(b"<!DOCTYPE html><html></html>")
    with pytest.raises(NetworkError, match="not such a file"):
        load_graph(str(saved))


def test_files_that_cannot_be_opened_or_written(tmp_path):
    with pytest.raises(NetworkError, match="No such file") as raised:
        load_graph(str(tmp_path / "none.roadgraph"))
    assert raised.value.code == "network_unreadable"
    with pytest.raises(NetworkError, match="cannot be written") as raised:
        save_graph(grid_town(2, 2).graph, str(tmp_path / "no" / "folder.roadgraph"))
    assert raised.value.code == "graph_unwritable"


def test_a_failed_save_leaves_the_old_file_and_no_other(saved, monkeypatch):
    before = saved.read_bytes()

    def full(self, _content):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(NetworkError, match="No space left"):
        save_graph(grid_town(2, 2).graph, str(saved))
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]
