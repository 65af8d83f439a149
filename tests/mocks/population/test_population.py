"""The same seed gives the same country, anywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mocks.population import Population

ROOT = Path(__file__).parents[3]
ASK = "from mocks.population import Population; print(Population({seed}).manifest['hash'])"


def test_another_process_makes_the_same_country(population: Population) -> None:
    """Neither the order of sets nor a random hash of strings has a say in it."""
    hashes = set()
    for hash_seed in ("1", "2"):
        command = [sys.executable, "-c", ASK.format(seed=1)]
        environment = {"PYTHONHASHSEED": hash_seed, "TZ": "America/Lima", "LC_ALL": "C"}
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        hashes.add(run.stdout.strip())

    assert hashes == {population.manifest["hash"]}


def test_the_country_of_seed_1_is_this_one(population: Population) -> None:
    """The hash stands here so that a change of the population is seen by who makes it: others pin records of it."""
    assert population.manifest["hash"] == "6a31598072b96996ee583bb1ad8217eb2cab6f9664d8d8d69e5586cb5cac6ac2"


def test_another_seed_makes_another_country(population: Population) -> None:
    """The hash differs, and so does the first person."""
    other = Population(2)

    assert other.people[0] != population.people[0]
    assert other.manifest["hash"] != population.manifest["hash"]


def test_records_do_not_depend_on_what_was_asked_before() -> None:
    """The last person is the same whether or not anybody was made before."""
    fresh, used = Population(5), Population(5)
    for index in range(100):
        assert used.people[index].index == index

    assert fresh.people[11_999] == used.people[11_999]
    assert fresh.enterprises[2_499] == used.enterprises[2_499]
    assert fresh.documents[4_999] == used.documents[4_999]


def test_the_country_is_large_enough(population: Population) -> None:
    """People, enterprises and documents by the thousand; provinces as before and after the reform."""
    counts = population.manifest["counts"]

    assert isinstance(counts, dict)
    assert counts["people"] >= 10_000
    assert counts["enterprises"] >= 2_000
    assert counts["legal_documents"] == 5_000
    assert (counts["provinces_now"], counts["provinces_before_2025"]) == (34, 63)
