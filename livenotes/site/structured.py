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
    return {
        "@context": "https://schema.org",
        "@type": "Course",
        **_common(about, language, author),
        "provider": _author(author, about.url),
        **({"educationalLevel": level} if level else {}),
        **({"isBasedOn": _localized(based_on, language)} if based_on else {}),
        "hasPart": [
            {"@type": "LearningResource", "name": part.name}
            | ({"url": part.url} if part.url else {})
            for part in parts
        ],
    }


def chapter(
    about: About, language: str, author: str, based_on: Sequence[Any], whole: About
) -> dict[str, Any]:
    """A page of the course `whole`."""
    return {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        **_common(about, language, author),
        "learningResourceType": "lecture notes",
        **({"isBasedOn": _localized(based_on, language)} if based_on else {}),
        "isPartOf": {"@type": "Course", "name": whole.name, "description": whole.description}
        | ({"url": whole.url} if whole.url else {}),
    }


def site(about: About, languages: Sequence[str]) -> dict[str, Any]:
    """The page that leads to all languages."""
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": about.name,
        "description": about.description,
        "inLanguage": [tag(code) for code in languages],
        **({"url": about.url} if about.url else {}),
    }


def to_script(data: Mapping[str, Any]) -> str:
    """The data as the text of a script element, which nothing in it can end."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _common(about: About, language: str, author: str) -> dict[str, Any]:
    return {
        "name": about.name,
        "description": about.description,
        "inLanguage": tag(language),
        "isAccessibleForFree": True,
        "author": _author(author, ""),
        **({"url": about.url} if about.url else {}),
        **({"image": about.image} if about.image else {}),
    }


def _author(name: str, url: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name} | ({"url": url} if url else {})


def _localized(value: Any, language: str) -> Any:
    """A value of mkdocs.yml, where `{zh: …, en: …}` stands for one of both."""
    if isinstance(value, Mapping):
        if language in value:
            return value[language]
        return {key: _localized(each, language) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_localized(each, language) for each in value]
    return value
