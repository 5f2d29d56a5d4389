"""Worlds written as files and read again, city and hits, are judged as the oracle judges them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.city import read_city
from enforcement.index.compiler import compile_rules
from enforcement.matching.matcher import match_hits
from enforcement.rules_file import load_rules, save_rules
from ingest.hit_files import discover
from ingest.plate_keys import PlateKeys
from ingest.tabular import CodeBook, read_hits
from tests.oracles.judgement import judge
from tests.same_verdict.folders import HIT_FORMATS, write_city, write_hits
from tests.same_verdict.translation import definition_of, matched
from tests.same_verdict.worlds import World, worlds


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(worlds(), st.sampled_from(HIT_FORMATS))
def test_files_are_judged_as_the_world_they_state(world: World, file_format: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_city(world.city, folder / "city")
        definition, _ = read_city(str(folder / "city"))
        rules = compile_rules(definition, world.city["routes"])
        stated = compile_rules(definition_of(world.city), world.city["routes"])
        save_rules(rules, str(folder / "world.rules"))
        kept = load_rules(str(folder / "world.rules"))
        assert kept.content_hash == rules.content_hash
        (file,) = discover([str(write_hits(world, file_format, folder / "hits"))])
        code_book = CodeBook(kept.camera_ids, PlateKeys(kept.side_plates))
        chunks = list(read_hits(file, zone=kept.timezone, code_book=code_book))
        answers = []
        for chunk in chunks:
            verdicts = match_hits(kept, chunk.batch)
            answers += [matched(kept, chunk.batch, verdicts, row) for row in range(len(chunk))]
    assert answers == [judge(world.city, hit) for hit in world.hits]
    assert stated.patterns.tobytes() == kept.patterns.tobytes()
