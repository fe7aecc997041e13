"""A small fork server for tests: what a child does is told by its key (`sleep`, `exit 3`, `crash`, `deaf`, `family FILE`, `ids FILE`)."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from gateways.forking import ForkServer
from store.ids import new_id


def work(key: str) -> int:
    verb, _, rest = key.partition(" ")
    if verb == "exit":
        return int(rest.split("#")[0])
    if verb == "crash":
        raise RuntimeError("the work went wrong")
    if verb == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if verb == "family":
        child = subprocess.Popen(["sleep", "60"])
        Path(rest).write_text(str(child.pid))
    if verb == "ids":
        with Path(rest.split("#")[0]).open("a") as file:
            file.write(f"{new_id()} {os.getpgid(0) == os.getpid()}\n")
        return 0
    time.sleep(60)
    return 0


if __name__ == "__main__":
    if sys.argv[3:] == ["threaded"]:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    ForkServer(Path(sys.argv[1]), limit=int(sys.argv[2]), room=2, work=work, grace_seconds=0.5).serve()
