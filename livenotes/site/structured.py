"""What a page tells search engines about itself: schema.org, as JSON-LD. Knows no MkDocs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livenotes.core.words import tag


@dataclass(frozen=True)
class About:
    """A page, or a whole course: its name, what it says, and where it is ('' where unknown)."""

    name: str
    description: str
    url: str
    image: str = ""


def course(
    about: About,
    language: str,
    author: str,
    level: str,
    based_on: Sequence[Any],
    parts: Sequence[About],
) -> dict[str, Any]:
    """The notes in one language; `level` says for whom they are, `parts` are their chapters."""
    return _thing("Course", about, language, author) | {
        "provider": {"@type": "Organization", "name": author, "url": about.url},
        "educationalLevel": level,
        "isBasedOn": _localized(based_on, language),
        "hasPart": [
            {"@type": "LearningResource", "name": part.name, "url": part.url} for part in parts
        ],
    }


def chapter(
    about: About, language: str, author: str, based_on: Sequence[Any], whole: About
) -> dict[str, Any]:
    """A page of the course `whole`."""
    course = {"name": whole.name, "description": whole.description, "url": whole.url}
    return _thing("LearningResource", about, language, author) | {
        "learningResourceType": "lecture notes",
        "isBasedOn": _localized(based_on, language),
        "isPartOf": {"@type": "Course", **course},
    }


def site(about: About, languages: Sequence[str]) -> dict[str, Any]:
    """The page that leads to all languages."""
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": about.name,
        "description": about.description,
        "inLanguage": [tag(code) for code in languages],
        "url": about.url,
    }


def to_script(data: Mapping[str, Any]) -> str:
    """The data, without what is empty, as text that nothing in it takes out of a script element."""
    text = json.dumps(_filled(data), ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _thing(kind: str, about: About, language: str, author: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": kind,
        "name": about.name,
        "description": about.description,
        "inLanguage": tag(language),
        "isAccessibleForFree": True,
        "author": {"@type": "Organization", "name": author},
        "url": about.url,
        "image": about.image,
    }


def _filled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(each) for name, each in value.items() if each}
    return list(map(_filled, value)) if isinstance(value, list) else value


def _localized(value: Any, language: str) -> Any:
    """A value of mkdocs.yml, where `{zh: …, en: …}` stands for one of both."""
    if isinstance(value, Mapping):
        if language in value:
            return value[language]
        return {key: _localized(each, language) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_localized(each, language) for each in value]
    return value
