"""The sandbox as a program: the world of its folder behind all services, HTTP on one port and the proxy on the next.

The folder keeps what made the world (`world.json`), the truth behind it (`truth.json`), what was granted (`grants.json`),
what Stripe's books hold (`stripe.json`) and the certificates: a restart finds it again.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import SourceUnavailable, Unacceptable
from sandbox.addresses import settings_for
from sandbox.net import Net, loop_net
from sandbox.services import Providers
from sandbox.serving import Desk, Server, running
from sandbox.stripe.opening import Opening
from sandbox.world import Clock, World, make_world

SEED, ACCOUNTS, POSTS = 1, 44, 60
TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a world is made of."""

    seed: int
    epoch: datetime
    accounts: int

    def make(self) -> World:
        return make_world(seed=self.seed, epoch=self.epoch, accounts=self.accounts, posts=POSTS)


@dataclass(frozen=True, slots=True)
class Standing:
    """The sandbox while it stands."""

    url: str
    net: Net
    truth: Path
    recipe: Recipe
    world: World
    clock: Clock
    desk: Desk

    @property
    def environment(self) -> Mapping[str, str]:
        """What a deployment sets to read the sandbox and nothing else."""
        return settings_for(self.url, self.net.proxy, self.net.ca)

    def told(self) -> list[str]:
        """For the terminal; the lines that begin with `export` can be pasted into another one."""
        recipe = self.recipe
        return [
            f"sandbox    {self.url}   proxy {self.net.proxy}",
            f"world      seed {recipe.seed}, epoch {recipe.epoch:%Y-%m-%d}, {recipe.accounts} accounts; the truth is in {self.truth}",
            *(f"export {name}={word}" for name, word in self.environment.items()),
        ]


def kept_world(folder: Path) -> World | None:
    """The world that stands in this folder; None where none was made yet."""
    recipe = _kept(folder / "world.json")
    return recipe.make() if recipe else None


@contextmanager
def standing(
    folder: Path,
    *,
    port: int = 0,
    seed: int | None = None,
    epoch: datetime | None = None,
    accounts: int | None = None,
    shop: Opening | None = None,
) -> Iterator[Standing]:
    """The sandbox of this folder; what is not said is as it was, or as usual. `port` 0 takes two free ones; `shop`: what Stripe sells."""
    recipe = _recipe(folder, seed, epoch, accounts)
    world, clock = recipe.make(), Clock()
    truth = folder / "truth.json"
    truth.write_text(json.dumps(asdict(world.truth()), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    providers = Providers(world, clock, folder=folder, shop=shop)
    desk = Desk(providers.services, clock)
    with ExitStack() as stack:
        stack.enter_context(_ticking(providers))
        server, net = _listening(stack, desk, folder.resolve(), port)
        yield Standing(server.url, net, truth.resolve(), recipe, world, clock, desk)


@contextmanager
def _ticking(providers: Providers) -> Iterator[None]:
    """Every second, until the end of the block."""
    ended = threading.Event()

    def tick() -> None:
        while not ended.wait(TICK_SECONDS):
            providers.tick()

    thread = threading.Thread(target=tick, name="sandbox-tick", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=5)


def _listening(stack: ExitStack, desk: Desk, folder: Path, port: int) -> tuple[Server, Net]:
    try:
        server = stack.enter_context(running(desk, port=port))
        return server, stack.enter_context(loop_net(desk, folder=folder, port=port + 1 if port else 0))
    except OSError as error:
        said = f"{port} or {port + 1} cannot be had ({error.strerror}): stop what is there, or set WHYRAL_SANDBOX_PORT"
        raise SourceUnavailable("port", said) from error


def _recipe(folder: Path, seed: int | None, epoch: datetime | None, accounts: int | None) -> Recipe:
    """Kept at once, so that a restart finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = _kept(folder / "world.json")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    recipe = Recipe(
        seed=kept.seed if seed is None and kept else SEED if seed is None else seed,
        epoch=(epoch.replace(tzinfo=UTC) if epoch else kept.epoch if kept else today),
        accounts=accounts or (kept.accounts if kept else ACCOUNTS),
    )
    words = {**asdict(recipe), "epoch": recipe.epoch.isoformat()}
    fresh = folder / "world.new"
    fresh.write_text(json.dumps(words, indent=2) + "\n", encoding="utf-8")
    fresh.replace(folder / "world.json")
    return recipe


def _kept(path: Path) -> Recipe | None:
    if not path.is_file():
        return None
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        return Recipe(int(words["seed"]), datetime.fromisoformat(words["epoch"]), int(words["accounts"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Unacceptable(f"{path} cannot be read: remove it, and a new world is made") from error
