"""Stands between an owner and its child for a moment: becomes the wanted user, gives up what it shall not have, ties its life to the
owner's, turns into the command.

Run by path (`python -I -S leash.py ...`), therefore it imports nothing of ours. It is a program and not a `preexec_fn`, because
that one runs Python between fork and exec of an owner that may have threads. Records, logs and stopping are in `gateways.processes`.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

UNCHANGED = -1
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_INHERITED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ)


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


def accept_limits(limits: dict[int, int]) -> None:
    """The limits hold for good: no child of ours can raise them, and none gains a privilege by what it executes."""
    for number, value in limits.items():
        _, highest = resource.getrlimit(number)
        lowest = value if highest == resource.RLIM_INFINITY else min(value, highest)
        resource.setrlimit(number, (lowest, lowest))
    if limits:
        _call("prctl", _PR_SET_NO_NEW_PRIVS, 1)


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


def main(arguments: list[str]) -> None:
    owner, death_signal, uid, gid, shown_uid, has_network = map(int, arguments[:6])
    limits, folder, *command = arguments[6:]
    try:
        become(uid, gid)
        appear_as(shown_uid)
        if not has_network:
            leave_network()
        os.chdir(folder)
        forget_inherited_signals()
        die_with(owner, death_signal)
        accept_limits({int(number): int(value) for number, value in (each.split("=") for each in limits.split(",") if each)})
        os.execvp(command[0], command)  # noqa: S606 (a list of arguments, no shell)
    except OSError as error:
        sys.exit(f"leash: {command[0]}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
