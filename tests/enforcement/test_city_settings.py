"""city.toml: what is read, and every fault with its place."""

from __future__ import annotations

import pytest

from enforcement.settings import CasePolicy, Judgement
from tests.enforcement.cities import SETTINGS, faults_of, read, write_city


def test_judgement_is_read(tmp_path):
    table = "[judgement]\nmin_confidence = 0.5\ngrace_minutes = 0\nclock_error_seconds = 2\n"
    city, _ = read(write_city(tmp_path, settings=SETTINGS + table))
    assert city.judgement == Judgement(min_confidence=0.5, grace_minutes=0, clock_error_seconds=2.0)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("", CasePolicy("continuous", 30.0)),
        ("case_gap_minutes = 20", CasePolicy("continuous", 20.0)),
        ('case_policy = "same_route"', CasePolicy("same_route", 30.0, same_restriction=True)),
        (
            'case_gap_minutes = 45\ncase_policy = "same_route"',
            CasePolicy("same_route", 45.0, same_restriction=True),
        ),
        ('case_policy = "per_day"', CasePolicy("per_day", None, same_day=True)),
        ('case_policy = {name = "a", same_day = true}', CasePolicy("a", None, same_day=True)),
        (
            '[judgement.case_policy]\nname = "我市"\ngap_minutes = 0.5\nsame_restriction = true',
            CasePolicy("我市", 0.5, same_restriction=True),
        ),
    ],
)
def test_the_case_policy_is_read(tmp_path, text, policy):
    city, warnings = read(write_city(tmp_path, settings=f"{SETTINGS}[judgement]\n{text}\n"))
    assert city.judgement == Judgement(case_policy=policy)
    assert warnings == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = \n", "city.toml: line 1, column 8: Invalid value"),
        ('timezone = "UTC"', "city.toml: name: is missing"),
        ('name = "T"', "city.toml: timezone: is missing"),
        ('name = 5\ntimezone = "UTC"', "city.toml: name: found `5`, expected text"),
        (
            SETTINGS.replace("Shanghai", "Shangai"),
            "timezone: found `Asia/Shangai`, expected a zone",
        ),
        (SETTINGS.replace("Asia/Shanghai", "Asia"), "timezone: found `Asia`, expected a zone"),
        (SETTINGS.replace("Asia/Shanghai", "../etc"), "timezone: found `../etc`, expected a zone"),
        (SETTINGS.replace('"CN"', '"China"'), "holidays: `China` is no country"),
        (SETTINGS.replace('"CN"', "1"), "holidays: found `1`, expected text"),
        (SETTINGS.replace("wgs84", "gcj-02"), "coordinates: found `gcj-02`, expected one of wgs84"),
        (SETTINGS + "holliday = 1", "holliday: unknown key, did you mean `holidays`?"),
        (SETTINGS + "[judgment]\n", "judgment: unknown key, did you mean `judgement`?"),
        (SETTINGS + "judgement = 1", "judgement: found `1`, expected a table"),
        (SETTINGS + "[judgement]\ngrace = 5", "judgement.grace: unknown key, did you mean"),
        (
            SETTINGS + "[judgement]\ngrace_minutes = -1",
            "judgement.grace_minutes: found -1, expected 0",
        ),
        (SETTINGS + "[judgement]\ngrace_minutes = 721", "found 721, expected 0 to 720"),
        (SETTINGS + "[judgement]\ngrace_minutes = 2.5", "found 2.5, expected a whole number"),
        (SETTINGS + '[judgement]\ngrace_minutes = "5"', "found `5`, expected a number"),
        (SETTINGS + '[judgement]\ngrace_minutes = ""', "expected a number"),
        (SETTINGS + "[judgement]\ngrace_minutes = true", "found true, expected a number"),
        (SETTINGS + "[judgement]\nmin_confidence = 80", "found 80, expected 0 to 1"),
        (SETTINGS + "[judgement]\nmin_confidence = nan", "found `nan`, expected a number"),
        (SETTINGS + "[judgement]\nduplicate_seconds = -0.5", "found -0.5, expected at least 0"),
        (
            SETTINGS + "[judgement]\ncase_gap_minutes = 1e300",
            "judgement.case_gap_minutes: found 1e+300, expected 0 to 525600 minutes",
        ),
        (
            SETTINGS + '[judgement]\ncase_policy = "perday"',
            "judgement.case_policy: found `perday`, expected one of continuous, same_route, per_day",
        ),
        (
            SETTINGS + '[judgement]\ncase_policy = "perday"',
            "or a table with name and with gap_minutes or same_day, did you mean `per_day`?",
        ),
        (SETTINGS + '[judgement]\ncase_policy = ""', "case_policy: found ``, expected one of"),
        (SETTINGS + "[judgement]\ncase_policy = 5", "case_policy: found `5`, expected one of"),
        (
            SETTINGS + "[judgement.case_policy]\ngap_minutes = 5",
            "judgement.case_policy.name: is missing, expected the text that cases show",
        ),
        (
            SETTINGS + "[judgement.case_policy]\nname = 5\ngap_minutes = 5",
            "judgement.case_policy.name: found `5`, expected the text",
        ),
        (
            SETTINGS + '[judgement.case_policy]\nname = "per_day"\ngap_minutes = 5',
            "judgement.case_policy.name: `per_day` is a policy already, expected another",
        ),
        (
            SETTINGS + '[judgement.case_policy]\nname = "a"\nsame_restriction = true',
            "judgement.case_policy: has no end of a case, expected gap_minutes or same_day = true",
        ),
        (
            SETTINGS + '[judgement.case_policy]\nname = "a"\ngap_minutes = -1',
            "judgement.case_policy.gap_minutes: found -1, expected 0 to 525600 minutes",
        ),
        (
            SETTINGS + '[judgement.case_policy]\nname = "a"\ngap_minutes = ""\nsame_day = true',
            "judgement.case_policy.gap_minutes: found an empty text, expected a number of minutes",
        ),
        (
            SETTINGS + '[judgement.case_policy]\nname = "a"\ngap_minutes = 1\nsame_day = ""',
            "judgement.case_policy.same_day: found an empty text, expected true or false",
        ),
        (
            SETTINGS + '[judgement.case_policy]\nname = "a"\ngap_minutes = 1\nsame_day = 1',
            "judgement.case_policy.same_day: found `1`, expected true or false",
        ),
        (
            SETTINGS + '[judgement.case_policy]\nname = "a"\ngap_minute = 1\nsame_day = true',
            "judgement.case_policy.gap_minute: unknown key, did you mean `gap_minutes`?",
        ),
    ],
)
def test_a_fault_of_the_settings(tmp_path, text, words):
    (fault,) = faults_of(write_city(tmp_path, settings=text))
    assert fault.startswith("city.toml: ")
    assert words in fault


def test_settings_that_are_no_utf_8(tmp_path):
    folder = write_city(tmp_path, settings=None)
    (folder / "city.toml").write_bytes('name = "清潭"'.encode("gb18030"))
    assert faults_of(folder) == ["city.toml: the text is not UTF-8"]
