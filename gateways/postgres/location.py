"""Where an embedded PostgreSQL lives and as whom it runs. Making a cluster is in `gateways.postgres.cluster`.

PostgreSQL refuses to run as root. Started by root it runs as the owner of its data; new data belong to the user `whyral` where an
administrator has made one, else to `nobody` (we add no users to somebody's machine). Where that user cannot reach the programs or the
folder, both move below `/var/lib/whyral`.
"""

import hashlib
import os
import pwd
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateways.postgres.binaries import Binaries, copied
from gateways.postgres.troubles import trouble
from gateways.processes import Program, SystemUser, run

ELSEWHERE = Path("/var/lib/whyral")
# A minimal world: a caller's PGDATA, PGOPTIONS or locale must not reach the server.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_NOTE = ".location"
_PREFERRED_USERS = ("whyral", "nobody")


@dataclass(frozen=True, slots=True)
class Location:
    """Programs, data folder, and the user to become (None: stay who we are)."""

    binaries: Binaries
    folder: Path
    user: SystemUser | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def program(self, name: str, *arguments: str) -> Program:
        return Program(
            name=name,
            command=(self.binaries.program(name), *arguments),
            environment=ENVIRONMENT,
            folder=self.folder,
            user=self.user,
        )


def located(home: Path, folder: Path, binaries: Binaries, *, elsewhere: Path = ELSEWHERE) -> Location:
    """`folder` (inside `home`) where that works, else the place below `elsewhere` that belongs to this home."""
    if (folder / _NOTE).exists():
        return _noted(folder / _NOTE, binaries)
    wanted = Location(binaries, folder, _user_for(folder / "data"))
    if wanted.user is None or _reaches(wanted):
        return wanted
    if wanted.data.exists():
        raise trouble(f"user {wanted.user.name} cannot reach {wanted.data}; let it pass every folder above: chmod o+x")
    return _moved(moved_place(home, folder, elsewhere), binaries)


def moved_place(home: Path, folder: Path, elsewhere: Path) -> Path:
    """Where this home's PostgreSQL is, or would be, if not in the home: what is noted, else a name made from the home's path."""
    note = folder / _NOTE
    if note.exists():
        return Path(note.read_text(encoding="utf-8").strip())
    return elsewhere / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]


def noted_place(folder: Path) -> Path:
    """Where programs and data are, by the note; `folder` where there is none. Looked at only, as by somebody else than its owner."""
    note = folder / _NOTE
    return Path(note.read_text(encoding="utf-8").strip()) if note.exists() else folder


def note_move(location: Location, folder: Path) -> None:
    """Only once there are data: a note without data means that they were lost."""
    if location.folder != folder:
        (folder / _NOTE).write_text(f"{location.folder}\n", encoding="utf-8")


def _noted(note: Path, binaries: Binaries) -> Location:
    place = Path(note.read_text(encoding="utf-8").strip())
    if not (place / "data").exists():
        raise trouble(f"{note} says the data are in {place}, but they are not; restore them, or delete that file to begin anew")
    return Location(binaries, place, None) if os.geteuid() != 0 else _moved(place, binaries)


def _moved(place: Path, binaries: Binaries) -> Location:
    for each in (place.parent, place):
        if not each.exists():
            each.mkdir(parents=True)
            each.chmod(0o755)  # whatever the umask
    user = _user_for(place / "data")
    location = Location(copied(binaries, place), place, user)
    if user and not _reaches(location):
        raise trouble(f"user {user.name} cannot run PostgreSQL in {place}; set DATABASE_URL to a server of your own")
    return location


def _user_for(data: Path) -> SystemUser | None:
    if os.geteuid() != 0:
        return None
    if data.exists():
        return _owner(data)
    for name in _PREFERRED_USERS:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return SystemUser(name, entry.pw_uid, entry.pw_gid)
    raise trouble("it does not run as root and there is no user `nobody`; add a user `whyral` (useradd --system whyral)")


def _owner(data: Path) -> SystemUser:
    status = data.stat()
    if status.st_uid == 0:
        raise trouble(f"{data} belongs to root, as whom it does not run; give it to another user: chown -R nobody {data}")
    try:
        return SystemUser(pwd.getpwuid(status.st_uid).pw_name, status.st_uid, status.st_gid)
    except KeyError:
        return SystemUser(str(status.st_uid), status.st_uid, status.st_gid)


def _reaches(location: Location) -> bool:
    """Tried, not computed from mode bits: access lists, mount options and policies have a say too."""
    try:
        return run(location.program("postgres", "--version"), timeout_seconds=30).returncode == 0
    except subprocess.TimeoutExpired:
        return False
