"""Every way out of this code base, by name: a module that can open a connection stands in this list, or the test fails.

What a user can steer goes through `gateways.safe_fetch`, and it alone dials. The others lead to an address that the operator set, to a
provider's own hosts, or to this machine.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[2]
FLOORS = ("api", "assets", "domain", "gateways", "jobs", "resources", "sandbox", "sensors", "services", "store")
# Whoever imports one of these can reach the network, or start a program that can.
REACHES = (
    "aiohttp", "asyncpg", "boto3", "botocore", "curl_cffi", "ftplib", "google.auth.transport", "googleapiclient.discovery", "http.client",
    "httplib2", "httpx", "imaplib", "multiprocessing.connection", "nntplib", "obstore", "openai", "paramiko", "playwright", "poplib",
    "psycopg", "pydantic_ai", "redis", "requests", "smtplib", "socket", "ssl", "stripe", "subprocess", "telnetlib", "TikTokApi",
    "urllib.request", "urllib3", "websockets", "xmlrpc", "yt_dlp",
)  # fmt: skip
# Ways without an import of their own.
CALLS = frozenset({"open_connection", "open_unix_connection", "create_connection", "create_engine", "create_subprocess_exec", "execvpe",
                   "execve", "execv", "posix_spawn", "sock_connect", "urlopen"})  # fmt: skip
GUARD = "the guard before addresses that a user can steer"
ROAD = "a road: dials what the guard checked, and nothing else"
OPERATOR = "an address that the operator set"
PROVIDER = "a provider's own hosts, or those that the operator put in their place"
HERE = "this machine"
PROGRAMS = "programs of this machine: ffmpeg, PostgreSQL, our own parts; what they may open is bounded there"
NAMES = "types and errors only"
WAYS = MappingProxyType(
    {
        "domain/ports/roads.py": NAMES,
        "gateways/backups/dumping.py": HERE,
        "gateways/bounded_http.py": PROVIDER,
        "gateways/dagster.py": OPERATOR,
        "gateways/downloads/client.py": PROVIDER,
        "gateways/downloads/redirects.py": PROVIDER,
        "gateways/downloads/troubles.py": NAMES,
        "gateways/downloads/watch.py": NAMES,
        "gateways/files/object_errors.py": NAMES,
        "gateways/files/objects.py": OPERATOR,
        "gateways/fork_client.py": HERE,
        "gateways/forking.py": HERE,
        "gateways/guarded.py": GUARD,
        "gateways/machine.py": HERE,
        "gateways/own_api.py": OPERATOR,
        "gateways/roads.py": ROAD,
        "gateways/safe_fetch.py": GUARD,
        "gateways/stripe_payments/account.py": NAMES,
        "gateways/stripe_payments/asked.py": NAMES,
        "gateways/stripe_payments/changing.py": NAMES,
        "gateways/stripe_payments/connecting.py": PROVIDER,
        "gateways/stripe_payments/hearing.py": NAMES,
        "gateways/stripe_payments/reading.py": NAMES,
        "gateways/stripe_payments/selling.py": NAMES,
        "gateways/tiktok/pool.py": PROVIDER,
        "gateways/tiktok/sessions.py": PROVIDER,
        "gateways/youtube/asking.py": PROVIDER,
        "gateways/youtube/transport.py": PROVIDER,
        "resources/code_server.py": HERE,
        "sandbox/dodo/service.py": HERE,
        "sandbox/google/hub.py": HERE,
        "sandbox/misbehaving.py": HERE,
        "sandbox/net.py": HERE,
        "sandbox/road.py": ROAD,
        "sandbox/serving.py": HERE,
        "gateways/mail/smtp.py": OPERATOR,
        "sandbox/mail.py": HERE,
        "sandbox/stripe/telling.py": HERE,
        "store/bootstrap.py": OPERATOR,
        "store/database.py": OPERATOR,
        "store/doctor.py": OPERATOR,
        "store/features.py": NAMES,
        "store/glance.py": NAMES,
        "store/notifications.py": OPERATOR,
        "store/repository.py": NAMES,
        "store/tenant_rows.py": NAMES,
        "up.py": HERE,
        **dict.fromkeys(
            (
                "gateways/ffmpeg_abilities.py",
                "gateways/postgres/cluster.py",
                "gateways/postgres/location.py",
                "gateways/processes.py",
                "sandbox/media.py",
                "sandbox/portraits.py",
                "sandbox/speech.py",
                "sandbox/video.py",
            ),
            PROGRAMS,
        ),
    }
)


def product(*words: str) -> Iterator[tuple[str, ast.Module]]:
    """Every module that holds one of the words: the others need not be parsed."""
    for path in sorted([*ROOT.glob("*.py"), *(each for floor in FLOORS for each in (ROOT / floor).rglob("*.py"))]):
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in words):
            yield path.relative_to(ROOT).as_posix(), ast.parse(text)


def reaches(tree: ast.Module) -> bool:
    """Whether the module imports what reaches out, also inside a function, or calls it by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(map(_is_way, (each.name for each in node.names))):
            return True
        if isinstance(node, ast.ImportFrom) and any(map(_is_way, (f"{node.module}.{each.name}" for each in node.names))):
            return True
        if isinstance(node, ast.Attribute) and node.attr in CALLS:
            return True
        if isinstance(node, ast.Call) and _imports_by_name(node):
            return True
    return False


def _is_way(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in REACHES)


def _imports_by_name(node: ast.Call) -> bool:
    called = ast.unparse(node.func)
    return called in ("__import__", "importlib.import_module", "import_module") and any(
        isinstance(each, ast.Constant) and _is_way(str(each.value)) for each in node.args
    )


def test_every_module_that_can_reach_out_is_listed_and_says_where_to():
    words = {each.rpartition(".")[2] for each in REACHES} | CALLS

    assert {name for name, tree in product(*words) if reaches(tree)} == set(WAYS)


def test_only_the_guard_dials():
    """Who holds a road may ask it for names; a connection comes from `safe_fetch.secured` alone, after `checked`."""
    dials = {name for name, tree in product(".dial") for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "dial"}

    assert dials == {"gateways/safe_fetch.py"}


def test_whoever_dials_has_checked_first():
    """`secured` is called where `checked` is, with its address."""
    callers = {}
    for name, tree in product("secured("):
        for function in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
            called = [each.func.id for each in ast.walk(function) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)]
            if "secured" in called:
                callers[f"{name}:{function.name}"] = called.index("checked") < called.index("secured")

    assert callers == {"gateways/safe_fetch.py:_ask": True, "gateways/guarded.py:get": True}


def test_a_new_way_out_would_be_seen():
    for words in ("import httpx", "def f():\n    from urllib.request import urlopen", "import http.client as h", "import smtplib",
                  "import asyncio\nasyncio.open_connection", "__import__('socket')", "from http import client"):  # fmt: skip
        assert reaches(ast.parse(words)), words
    assert not reaches(ast.parse("from services import requests\nfrom domain.requests import Request\nuow.requests.get(1)"))
