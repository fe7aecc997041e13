"""The embedded PostgreSQL, with real servers: every test makes its own cluster in a folder that any user can pass."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from domain.errors import SourceUnavailable
from gateways.machine import free_port, port_is_free
from gateways.postgres import binaries
from gateways.postgres.cluster import options
from gateways.postgres.location import located
from gateways.postgres.troubles import explained
from gateways.postgres_server import PostgresServer, ServerAddress
from gateways.processes import start, stop

ROOT = Path(__file__).parents[2]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: becomes other users, or mounts")
# Starts the server of a home, commits one row, says where it is, and waits to be killed.
OWNER = """
import json, sys, time
from pathlib import Path
import psycopg
from gateways.postgres_server import PostgresServer
server = PostgresServer(Path(sys.argv[1]), None)
address = server.start()
with psycopg.connect(address.superuser_url()) as connection:
    connection.execute("create table if not exists kept (n int)")
    connection.execute("insert into kept values (1)")
    run_as = connection.execute("show data_directory").fetchone()[0]
pid = int((Path(run_as) / "postmaster.pid").read_text().split()[0])
print(json.dumps({"pid": pid, "data": run_as, "port": address.port}), flush=True)
if sys.argv[2] == "wait":
    time.sleep(120)
server.stop()
"""


def passable_folder() -> Path:
    """That `nobody` can pass too, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="whyral-test-"))
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A home with a fresh cluster: copying it is much faster than making one."""
    folder = passable_folder()
    with PostgresServer(folder / "home", None, for_tests=True):
        pass
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def running() -> Iterator[PostgresServer]:
    """For tests that change nothing."""
    folder = passable_folder()
    with PostgresServer(folder / "home", None, for_tests=True) as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    folder = passable_folder()
    yield folder
    shutil.rmtree(folder)


Maker = Callable[..., PostgresServer]


@pytest.fixture
def make_bare(place: Path) -> Iterator[Maker]:
    """Makes the server of a home as it is."""
    made: list[PostgresServer] = []

    def maker(home: Path | None = None, port: int | None = None, *, is_durable: bool = False) -> PostgresServer:
        server = PostgresServer(home or place / "home", port, for_tests=not is_durable, max_connections=20, elsewhere=place / "elsewhere")
        made.append(server)
        return server

    yield maker
    for server in made:
        server.stop()


@pytest.fixture
def make(make_bare: Maker, template: Path, place: Path) -> Maker:
    """Makes the server of a home that already has a cluster."""

    def maker(home: Path | None = None, port: int | None = None, *, is_durable: bool = False) -> PostgresServer:
        home = home or place / "home"
        if not home.exists():
            subprocess.run(["cp", "-a", str(template), str(home)], check=True)
        return make_bare(home, port, is_durable=is_durable)

    return maker


@pytest.fixture
def bystander_of() -> Iterator[Callable[[int], int]]:
    """A process of a user, that has nothing to do with us; its number."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin(uid: int) -> int:
        begun.append(subprocess.Popen(["sleep", "60"], user=uid))
        return begun[-1].pid

    yield begin
    for process in begun:
        process.kill()
        process.wait()


def until(claim: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "did not become true"
        time.sleep(0.02)


def put_row(address: ServerAddress) -> None:
    with psycopg.connect(address.superuser_url()) as connection:
        connection.execute("create table if not exists kept (n int)")
        connection.execute("insert into kept values (1)")


def rows(address: ServerAddress) -> int:
    with psycopg.connect(address.superuser_url()) as connection:
        found = connection.execute("select count(*) from kept").fetchone()
        return int(found[0]) if found else 0


def kill_server(server: PostgresServer) -> int:
    """With -9, as a crash would; its number."""
    assert server.data is not None
    pid = int((server.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    until(lambda: not server.is_running())
    return pid


def user_of_data(home: Path) -> int:
    return (home / "postgres" / "data").stat().st_uid


def test_a_restart_keeps_the_rows_and_the_password(make_bare: Maker) -> None:
    server = make_bare()
    with server:
        put_row(server.address)
        password = server.address.password

    with server:
        assert rows(server.address) == 1
        assert server.address.password == password


def test_a_stop_is_clean_leaves_nothing_running_and_can_be_repeated(make: Maker) -> None:
    server = make()
    port = server.start().port

    server.stop()
    server.stop()

    assert "database system is shut down" in server.log.read_text()
    assert port_is_free(port)
    assert not server.is_running()


def test_it_listens_on_loopback_only_without_a_socket_and_asks_everybody_for_a_password(running: PostgresServer) -> None:
    address = running.address

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address.url("postgres", "wrong", "postgres"))
    with psycopg.connect(address.superuser_url()) as connection:
        settings = connection.execute(
            "select current_setting('listen_addresses'), current_setting('unix_socket_directories'),"
            " (select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256')"
        ).fetchone()
    assert settings == ("127.0.0.1", "", 0)


def test_the_password_is_for_the_owner_alone_and_stays_out_of_prints(running: PostgresServer) -> None:
    address = running.address

    assert address.password_file.stat().st_mode & 0o777 == 0o600
    assert address.password_file.read_text() == address.password
    assert address.password not in repr(address)


def test_words_sort_and_fold_alike_on_every_machine(running: PostgresServer) -> None:
    address = running.address

    with psycopg.connect(address.superuser_url()) as connection:
        assert connection.execute("select lower('ÄÉ'), 'Z' < 'a', current_setting('server_encoding')").fetchone() == ("äé", True, "UTF8")


def test_only_tests_trade_safety_for_speed() -> None:
    risks = {"fsync=off", "full_page_writes=off", "synchronous_commit=off"}

    assert risks <= set(options(port=1, max_connections=10, for_tests=True))
    assert not risks & set(options(port=1, max_connections=10, for_tests=False))


def test_an_address_quotes_what_a_url_cannot_hold(place: Path) -> None:
    address = ServerAddress("127.0.0.1", 5432, "postgres", "p", place)

    assert address.url("app", "a/b@c:d", "my db") == "postgresql://app:a%2Fb%40c%3Ad@127.0.0.1:5432/my%20db"


def test_two_homes_have_two_servers(running: PostgresServer, make: Maker) -> None:
    other = make().start()

    put_row(other)

    assert other.port != running.address.port
    with psycopg.connect(running.address.superuser_url()) as connection:
        assert connection.execute("select to_regclass('kept')").fetchone() == (None,)


def test_a_second_owner_is_refused_with_the_number_of_the_first(running: PostgresServer) -> None:
    second = PostgresServer(running.folder.parent, None)

    with pytest.raises(SourceUnavailable, match=rf"another Whyral \(pid {os.getpid()}\) .* WHYRAL_HOME"):
        second.start()

    assert running.is_running()


def test_a_taken_port_names_its_holder_and_the_setting(running: PostgresServer, make_bare: Maker, place: Path) -> None:
    port = running.address.port

    with pytest.raises(SourceUnavailable, match=rf"port {port} is taken by postgres \(pid \d+\).*WHYRAL_PG_PORT"):
        make_bare(port=port).start()

    assert not (place / "home" / "postgres" / "data").exists()


def test_a_given_port_is_used(make: Maker) -> None:
    port = free_port()

    assert make(port=port).start().port == port


def test_a_crashed_server_is_noticed_and_starts_again_on_its_port(make: Maker) -> None:
    server = make(is_durable=True)
    address = server.start()
    put_row(address)

    kill_server(server)

    assert server.start().port == address.port
    assert rows(server.address) == 1


def test_a_stale_pid_file_that_names_a_living_process_of_the_same_user_is_forgotten(
    make: Maker, bystander_of: Callable[[int], int]
) -> None:
    server = make(is_durable=True)
    put_row(server.start())
    dead = kill_server(server)
    assert server.data is not None
    bystander = bystander_of(server.data.stat().st_uid)
    note = server.data / "postmaster.pid"
    note.write_text(note.read_text().replace(str(dead), str(bystander), 1))

    assert rows(server.start()) == 1
    assert psutil.Process(bystander).name() == "sleep"


@pytest.mark.parametrize("waits", [True, False], ids=["once the server is gone", "at once"])
def test_a_killed_owner_takes_its_server_along_and_the_next_finds_every_committed_row(make_bare: Maker, place: Path, waits: bool) -> None:
    command, environment = [sys.executable, "-c", OWNER, str(place / "home"), "wait"], {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = json.loads(owner.stdout.readline())["pid"]
        owner.kill()

    if waits:
        until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    assert rows(make_bare().start()) == 1


def test_a_server_started_by_hand_on_the_data_is_named_and_left_alone(make: Maker, place: Path) -> None:
    server = make()
    server.start()
    server.stop()
    by_hand = located(place / "home", server.folder, binaries.of_the_wheel())
    program = by_hand.program("postgres", "-D", str(by_hand.data), *options(port=free_port(), max_connections=10, for_tests=True))
    child = start(program, place / "by-hand")
    until(lambda: "ready to accept" in child.said())

    with pytest.raises(SourceUnavailable, match=rf"did not start \(pid {child.pid}\).*kill -INT {child.pid}"):
        server.start()

    assert child.exit_code() is None
    stop(child, grace_seconds=10, first=signal.SIGINT)


def test_a_server_started_in_a_passing_thread_outlives_the_thread(make: Maker) -> None:
    server = make()
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()

    put_row(server.address)

    assert rows(server.address) == 1


def test_data_of_another_major_version_are_named(make: Maker) -> None:
    server = make()
    server.start()
    server.stop()
    assert server.data is not None
    (server.data / "PG_VERSION").write_text("16\n")

    with pytest.raises(SourceUnavailable, match=r"are of PostgreSQL 16, this Whyral brings 18"):
        server.start()


def test_a_folder_that_is_no_cluster_is_left_alone(make_bare: Maker, place: Path) -> None:
    data = place / "home" / "postgres" / "data"
    data.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(data, "nobody")
    (data.parent / "superuser.password").write_text("secret")

    with pytest.raises(SourceUnavailable, match="is no PostgreSQL cluster"):
        make_bare().start()

    assert not list(data.iterdir())


def test_a_lost_password_is_not_replaced_silently(make: Maker) -> None:
    server = make()
    file = server.start().password_file
    server.stop()
    file.unlink()

    with pytest.raises(SourceUnavailable, match=r"restore .*superuser\.password"):
        server.start()


def test_remove_leaves_nothing_of_it(make_bare: Maker, place: Path) -> None:
    server = make_bare()
    port = server.start().port

    server.remove()

    assert port_is_free(port)
    assert not list((place / "home").iterdir())


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("initdb: error: could not look up effective user ID 12345: user does not exist", "add one .useradd., .* or set DATABASE_URL"),
        ("FATAL:  could not write lock file: No space left on device", "is full; free some space"),
        ("[Errno 30] Read-only file system: '/x'", "WHYRAL_HOME"),
        ("LOG:  starting\nFATAL:  something new\nLOG:  bye", "it ended; it said: FATAL:  something new$"),
    ],
)
def test_what_went_wrong_becomes_one_line_that_says_what_to_do(said: str, advice: str, place: Path) -> None:
    error = explained(said, where=place, otherwise="it ended")

    assert "\n" not in str(error)
    with pytest.raises(SourceUnavailable, match=advice):
        raise error


@AS_ROOT
def test_root_runs_it_as_an_unprivileged_user(make_bare: Maker) -> None:
    server = make_bare()
    server.start()
    assert server.data is not None

    pid = int((server.data / "postmaster.pid").read_text().split()[0])

    assert set(psutil.Process(pid).uids()) == {server.data.stat().st_uid}
    assert server.data.stat().st_uid != 0
    assert psutil.Process(pid).gids().real != 0


@AS_ROOT
def test_below_a_private_folder_of_root_it_moves_and_is_found_again(make_bare: Maker, place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    server = make_bare(private / "home")
    with server:
        put_row(server.address)
    note = private / "home" / "postgres" / ".location"

    with make_bare(private / "home") as again:
        assert rows(again.address) == 1
        assert again.data == Path(note.read_text().strip()) / "data"
        assert again.data.is_relative_to(place / "elsewhere")
    server.remove()

    assert not list((place / "elsewhere").iterdir())


@AS_ROOT
def test_moved_data_that_are_gone_are_never_replaced_by_empty_ones(make_bare: Maker, place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    server = make_bare(private / "home")
    server.start()
    server.stop()
    shutil.rmtree(place / "elsewhere")

    with pytest.raises(SourceUnavailable, match=r"\.location says .* restore them, or delete"):
        server.start()


@AS_ROOT
@pytest.mark.parametrize("uid", [65534, 54321], ids=["a user with a name", "a number without a passwd entry"])
def test_a_plain_user_runs_it_as_themselves_and_root_may_follow(make_bare: Maker, place: Path, uid: int) -> None:
    python = python_for_everybody()
    home = place / "home"
    home.mkdir()
    os.chown(home, uid, uid)
    command = [python, "-c", OWNER, str(home), "once"]
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}

    for expected in (1, 3):
        done = subprocess.run(command, cwd="/", env=environment, user=uid, group=uid, extra_groups=[], capture_output=True, text=True)
        if "unshare" in done.stderr:
            pytest.skip("this machine lets plain users make no user namespaces")
        assert done.returncode == 0, done.stderr
        assert user_of_data(home) == uid
        with make_bare(home) as server:
            assert rows(server.address) == expected
            put_row(server.address)


def python_for_everybody() -> str:
    """A Python of our version that a plain user may run; ours may lie below root's own folder."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for each in filter(None, (sys.executable, shutil.which(name, path=os.defpath))):
        try:
            subprocess.run([each, "-c", ""], user=65534, group=65534, extra_groups=[], check=True, cwd="/")
        except PermissionError:
            continue
        return each
    pytest.skip(f"no {name} here that a plain user may run")


@AS_ROOT
def test_a_full_disk_is_named_and_leaves_no_half_made_cluster(make_bare: Maker, place: Path) -> None:
    home = place / "home"
    home.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", str(home)], capture_output=True).returncode != 0:
        pytest.skip("this machine lets us mount nothing")
    try:
        with pytest.raises(SourceUnavailable, match="is full; free some space"):
            make_bare().start()
        assert not (home / "postgres" / "data").exists()

        subprocess.run(["mount", "-o", "remount,size=300m", str(home)], check=True)
        with make_bare():
            assert user_of_data(home) != 0
    finally:
        subprocess.run(["umount", str(home)], check=True)
