"""The calls of curl in a page of docs, read as a shell and curl would read them. What they have to be is in test_docs_requests."""

import argparse
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

SERVER = "127.0.0.1:8000"
# Stands for what a page leaves to its reader, such as $CLIP_ID.
SOME = "01a1fd0e-61c0-7386-b54d-6d325253c7ee"
_ASSIGNED = re.compile(r"([A-Z_]+)=(.*)", re.DOTALL)
_OWN = {"API", "KEY", "AUTH", "JSON"}
_ENDS = ("|", ">", ">>", "&&", ";")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the API. `body` is what `-d` sends; files are not looked at."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: str | None
    words: str


def calls(page: Path) -> list[Call]:
    """Those to the API, and those to `$API` where no line before says what it is; others, such as the sandbox's own, are left out."""
    known: dict[str, str] = {}
    found = []
    for words in _commands(page.read_text(encoding="utf-8")):
        if all(_ASSIGNED.fullmatch(word) for word in words):
            told = (_ASSIGNED.fullmatch(_filled(word, known)) for word in words)
            known |= {each[1]: each[2] for each in told if each and each[2] != "..."}
        elif words[0] == "curl":
            call = _call([_filled(word, known) for word in words[1:]])
            if call is not None:
                found.append(call)
    return found


def _commands(text: str) -> Iterator[list[str]]:
    """Words of each command of the shell's blocks; a quote that is open goes on in the next line."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        command = ""
        for line in re.sub(r"\$\([^)]*\)", SOME, block.replace("\\\n", " ")).splitlines():
            command += line
            try:
                words = shlex.split(command, comments=True)
            except ValueError:
                command += "\n"
                continue
            command = ""
            if words:
                ends = [words.index(end) for end in _ENDS if end in words]
                yield words[: min(ends, default=len(words))]
        assert not command, f"a quote stays open: {command}"


def _filled(word: str, known: dict[str, str]) -> str:
    """A page says itself what $API, $KEY, $AUTH and $JSON are; everything else stands in the answer before."""
    return re.sub(r"\$([A-Z_]+)", lambda found: known.get(found[1], found[0] if found[1] in _OWN else SOME), word)


def _call(words: list[str]) -> Call | None:
    given = _CURL.parse_args(words)
    url = urlsplit(given.url)
    if url.netloc != SERVER and not given.url.startswith("$API"):
        return None
    implied = "POST" if given.data or given.data_binary or given.form else "PUT" if given.upload else "GET"
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in given.header)}
    query = tuple(parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query)))
    return Call(given.method or implied, url.path, query, headers, given.data, shlex.join(words))


def _curl() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="curl", add_help=False, exit_on_error=False)
    for name, short in (("method", "-X"), ("data", "-d"), ("upload", "-T"), ("output", "-o"), ("cookies", "-b"), ("jar", "-c")):
        parser.add_argument(short, dest=name)
    parser.add_argument("--data-binary")
    parser.add_argument("-H", dest="header", action="append", default=[])
    parser.add_argument("-F", dest="form", action="append", default=[])
    parser.add_argument("-N", dest="unbuffered", action="store_true")
    parser.add_argument("url")
    return parser


_CURL = _curl()
