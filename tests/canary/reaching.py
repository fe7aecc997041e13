"""Whether the driver gets anywhere: every operation as the owner of its ids. One that nobody reaches is one that is not tested."""

from collections.abc import Iterable

from tests.canary.calling import Answer, Door
from tests.canary.routes import Operation
from tests.canary.stage import Resident, Stage
from tests.canary.words import canaries

# Success, and what is said only after the ids of a call were looked up (or where a platform would be asked, and none is there).
REACHED = {*range(200, 400), 402, 409, 410, 422, 429, 502, 503}
# For those who run the platform: an owner of a workspace is refused there, by every operation.
OPERATORS = "/api/v1/admin"
_ORDER = {"GET": 0, "POST": 1, "PATCH": 2, "PUT": 2, "DELETE": 3}


class Reach:
    """Plays everything as one owner, reading first and deleting last."""

    def __init__(self, stage: Stage, door: Door, owner: Resident) -> None:
        self._stage, self._door, self._owner = stage, door, owner
        self.shown: set[str] = set()

    async def faults(self, operations: Iterable[Operation]) -> list[str]:
        """Operations that were not reached, and what was answered."""
        found = []
        for operation in sorted(operations, key=_order):
            unknown = [name for name in operation.path_params if operation.kind_of(name) == name and name not in self._owner.ids]
            if unknown:
                found.append(f"{operation.name}: no column is named {unknown}: add a line to tests/canary/hints.py")
                continue
            answer = await self._asked(operation)
            self.shown |= canaries(answer.received)
            if not _is_reached(operation, answer):
                found.append(f"{operation.name}: {answer.status} {answer.body[:300]!r}: add a line to tests/canary/hints.py")
        return found

    async def _asked(self, operation: Operation) -> Answer:
        """By the key, and where no key may do it by a session; both anew where the owner has ended them."""
        call = operation.call(self._owner.ids)
        answer = await self._door.ask(call.by(self._owner.key))
        if answer.status == 403:
            answer = await self._door.ask(call.by(self._owner.token))
        if answer.status == 401 and not operation.is_public:
            self._owner = self._stage.renewed(self._owner)
            answer = await self._door.ask(call.by(self._owner.token))
        return answer


def _order(operation: Operation) -> tuple[int, int, str]:
    """What hangs on something is deleted before it."""
    return _ORDER[operation.method], -operation.path.count("/"), operation.path


def _is_reached(operation: Operation, answer: Answer) -> bool:
    if operation.path.startswith(OPERATORS):
        return answer.status == 403
    return answer.status in REACHED or answer.status in operation.hint.reached
