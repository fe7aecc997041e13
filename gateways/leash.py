"""Stands between an owner and its child for a moment: becomes the wanted user, gives up what it shall not have, ties its life to the
owner's, turns into the command.

Run by path (`python -I -S leash.py TERMS COMMAND...`), therefore it imports nothing of ours. It is a program and not a `preexec_fn`,
because that one runs Python between fork and exec of an owner that may have threads. Records, logs, stopping: `gateways.processes`.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

UNCHANGED = -1
_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_SET_NO_NEW_PRIVS = 38
_NO_ROOT = 0x3  # the user 0 gets no privilege by executing something, and that is locked
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_INHERITED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ)
# Landlock, since Linux 5.13 (linux/landlock.h). Its calls have the same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ = 0b1101  # execute, read files, list folders
_FILE_ONLY = 1 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15


def become(uid: int, gid: int) -> None:
    if uid != UNCHANGED:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def appear_as(uid: int) -> None:
    """Show our own user under another number, in a user namespace of our own: initdb asks for a name that our number may not have."""
    if uid == UNCHANGED:
        return
    own_uid, own_gid = os.getuid(), os.getgid()
    _call("unshare", _CLONE_NEWUSER)
    _show(uid, own_uid, uid, own_gid)


def leave_network() -> None:
    """Into a network of our own that leads nowhere, loopback included. Without root it takes a user namespace, too."""
    own_uid, own_gid = os.getuid(), os.getgid()
    try:
        _call("unshare", _CLONE_NEWNET)
    except PermissionError:
        _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)
        _show(own_uid, own_uid, own_gid, own_gid)


def _show(uid: int, own_uid: int, gid: int, own_gid: int) -> None:
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {own_uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {own_gid} 1", encoding="ascii")


def give_up_privileges() -> None:
    """For good: nothing that is executed from here on gains any, not even as root."""
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1)
    if os.geteuid() == 0:
        _call("prctl", _PR_SET_SECUREBITS, _NO_ROOT)


def accept_limits(limits: dict[str, int]) -> None:
    """Hard ones: no child of ours can raise them."""
    for number, value in limits.items():
        _, highest = resource.getrlimit(int(number))
        most = value if highest == resource.RLIM_INFINITY else min(value, highest)
        resource.setrlimit(int(number), (most, most))


def see_only(reads: list[str], writes: list[str]) -> None:
    """No file but these and what lies below them; no connection, and no signal to a stranger where Linux is new enough (6.7, 6.12)."""
    version = _system_call(_CREATE_RULESET, None, 0, 1)
    every = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    scopes = (every, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 8 * (1 + (version >= 4) + (version >= 6))
    rules = _system_call(_CREATE_RULESET, (ctypes.c_uint64 * 3)(*scopes), size, 0)
    for paths, allowed in ((reads, _READ), (writes, every)):
        for path in filter(os.path.exists, paths):
            _allow(rules, path, allowed & every)
    _system_call(_RESTRICT_SELF, rules, 0)


def _allow(rules: int, path: str, allowed: int) -> None:
    descriptor = os.open(path, os.O_PATH)
    if not Path(path).is_dir():
        allowed &= _FILE_ONLY
    beneath = allowed.to_bytes(8, sys.byteorder) + descriptor.to_bytes(4, sys.byteorder)
    _system_call(_ADD_RULE, rules, 1, beneath, 0)
    os.close(descriptor)


def die_with(owner: int, death_signal: int) -> None:
    """Linux only. After `become`, for a change of credentials clears it; the owner may have died before, so look once more."""
    if not sys.platform.startswith("linux"):
        return
    _call("prctl", _PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != owner:
        sys.exit("the owner ended before its child began")


def forget_inherited_signals() -> None:
    """Python ignores SIGPIPE, `nohup` and shells ignore others; an exec would hand that on."""
    for each in _INHERITED:
        signal.signal(each, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _call(function: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"{function}: {os.strerror(ctypes.get_errno())}")


def _system_call(number: int, *arguments: Any) -> int:
    found: int = ctypes.CDLL(None, use_errno=True).syscall(number, *arguments)
    if found < 0:
        raise OSError(ctypes.get_errno(), f"Landlock: {os.strerror(ctypes.get_errno())}")
    return found


def agree(terms: dict[str, Any]) -> None:
    """Everything but the command. The order matters: each step takes away what a later one would need."""
    become(terms["uid"], terms["gid"])
    appear_as(terms["shown_uid"])
    if not terms["has_network"]:
        leave_network()
    os.chdir(terms["folder"])
    forget_inherited_signals()
    die_with(terms["owner"], terms["death_signal"])
    if terms["limits"]:
        give_up_privileges()
        accept_limits(terms["limits"])
    if terms["reads"] or terms["writes"]:
        see_only(terms["reads"], terms["writes"])


def main(arguments: list[str]) -> None:
    terms, *command = arguments
    try:
        agree(json.loads(terms))
        os.execvp(command[0], command)  # noqa: S606 (a list of arguments, no shell)
    except OSError as error:
        sys.exit(f"leash: {command[0]}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
