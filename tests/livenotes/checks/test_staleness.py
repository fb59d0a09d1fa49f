"""Translations that have fallen behind are told, from what git knows of both files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from documents import document

from livenotes.checks.staleness import outdated
from livenotes.core.problems import Problem
from livenotes.document.document import Document, Source


def converted(source: Source) -> Document:
    return document(source.text, source.path)


class Repository:
    """A folder with both pages under git; each commit is a day later than the one before."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.day = 0
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> str:
        date = f"2026-01-{max(self.day, 1):02}T12:00:00Z"
        names = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a", "GIT_AUTHOR_DATE": date}
        names |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a", "GIT_COMMITTER_DATE": date}
        command = ["git", "-C", str(self.root), *arguments]
        environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def commit(self, **pages: str) -> None:
        for language, text in pages.items():
            file = self.root / "docs" / language / "a.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        self.day += 1
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "change")

    def outdated(self) -> list[Problem]:
        return outdated("docs/zh/a.md", "docs/en/a.md", self.root, converted)


FIRST = "# T {#t}\n\none\n\n## A {#a}\n\ntwo\n\n## B {#b}\n\nthree\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.commit(zh=FIRST, en=FIRST)
    return made


def test_pages_of_one_commit_are_in_step(repository: Repository) -> None:
    assert repository.outdated() == []


def test_a_section_changed_in_one_language_is_told_with_dates_and_both_lines(
    repository: Repository,
) -> None:
    repository.commit(zh=FIRST.replace("one", "new\nnew").replace("two", "changed"))
    problems = {problem.line: problem for problem in repository.outdated()}
    assert sorted(problems) == [1, 5]
    assert {problem.path for problem in problems.values()} == {"docs/en/a.md"}
    assert "'#a'" in problems[5].message
    assert "docs/zh/a.md:6 was changed on 2026-01-02" in problems[5].message
    assert "this on 2026-01-01" in problems[5].message


def test_translations_of_one_day_are_in_step(repository: Repository) -> None:
    repository.commit(zh=FIRST.replace("two", "new"), en=FIRST)
    repository.day -= 1
    repository.commit(zh=FIRST.replace("two", "new"), en=FIRST.replace("two", "neu"))
    repository.day -= 1
    repository.commit(zh=FIRST.replace("two", "newer"), en=FIRST.replace("two", "neu"))
    assert repository.outdated() == []


def test_it_is_told_of_either_language(repository: Repository) -> None:
    repository.commit(en=FIRST.replace("three", "changed"))
    (problem,) = repository.outdated()
    assert (problem.path, problem.line) == ("docs/zh/a.md", 9)


def test_catching_up_brings_a_section_into_step_again(repository: Repository) -> None:
    repository.commit(zh=FIRST.replace("two", "zwei"))
    assert len(repository.outdated()) == 1
    repository.commit(zh=FIRST.replace("two", "drei"), en=FIRST.replace("two", "trois"))
    assert repository.outdated() == []


def test_a_commit_that_is_listed_as_a_rewording_asks_nothing_of_the_other_language(
    repository: Repository,
) -> None:
    repository.commit(zh=FIRST.replace("two", "zwei"))
    reworded = repository.git("rev-parse", "HEAD").strip()
    repository.commit(zh=FIRST.replace("two", "zwei").replace("three", "drei"))
    assert [problem.line for problem in repository.outdated()] == [5, 9]
    listed = repository.root / ".git-blame-ignore-revs"
    listed.write_text(f"# Rewordings\n{reworded} # in Chinese\n", "utf-8")
    assert [problem.line for problem in repository.outdated()] == [9]


def test_blanks_and_work_that_is_not_committed_do_not_count(repository: Repository) -> None:
    repository.commit(zh=FIRST.replace("\n\n", "\n\n\n"))
    (repository.root / "docs/zh/a.md").write_text("# Other {#t}\n")
    assert repository.outdated() == []


def test_a_section_that_only_one_side_has_is_left_to_parity(repository: Repository) -> None:
    repository.commit(zh=FIRST + "\n## C {#c}\n\nfour\n")
    assert repository.outdated() == []


def test_the_project_may_lie_below_the_repository(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.root = tmp_path / "below"
    repository.root.mkdir()
    repository.commit(zh=FIRST, en=FIRST)
    repository.commit(zh=FIRST.replace("two", "zwei"))
    assert [problem.line for problem in repository.outdated()] == [5]


def test_without_history_nothing_is_told(repository: Repository, tmp_path: Path) -> None:
    repository.commit(zh=FIRST.replace("two", "zwei"))
    assert len(repository.outdated()) == 1
    shallow = tmp_path / "shallow"
    source = f"file://{repository.root}"
    repository.git("clone", "--quiet", "--depth", "1", source, str(shallow))
    assert outdated("docs/zh/a.md", "docs/en/a.md", shallow, converted) == []
    assert outdated("docs/zh/a.md", "docs/en/none.md", repository.root, converted) == []


def test_outside_a_repository_or_without_git_nothing_is_told(
    repository: Repository,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = tmp_path_factory.mktemp("bare")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(bare.parent))
    assert outdated("docs/zh/a.md", "docs/en/a.md", bare, converted) == []
    repository.commit(zh=FIRST.replace("two", "zwei"))
    assert len(repository.outdated()) == 1
    monkeypatch.setenv("PATH", str(bare))
    assert repository.outdated() == []
