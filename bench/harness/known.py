"""Units whose effects are known: public sets of the folder that WHYRAL_TEST_DATA names, and surfaces of our own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from domain.effects.panel import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Units with a known effect each."""

    covariates: pd.DataFrame
    treated: Floats
    y: Floats
    effect: Floats


def ihdp(folder: Path, number: int) -> Known:
    rows = pd.read_csv(folder / "causal_ihdp" / f"ihdp_npci_{number}.csv.gz", header=None)
    return Known(rows.iloc[:, 5:], rows[0].to_numpy(float), rows[1].to_numpy(float), (rows[4] - rows[3]).to_numpy(float))


def acic(folder: Path, number: int) -> Known:
    covariates = pd.read_csv(folder / "causal_acic2016" / "x.csv.gz")
    rows = pd.read_csv(folder / "causal_acic2016" / f"zymu_{number}.csv.gz")
    treated = rows["z"].to_numpy(float)
    return Known(covariates, treated, np.where(treated == 1, rows["y1"], rows["y0"]), (rows["mu1"] - rows["mu0"]).to_numpy(float))


def realcause(folder: Path, name: str, draw: int) -> Known:
    rows = pd.read_csv(folder / "causal_realcause" / f"{name}_sample{draw}.csv.gz")
    covariates = rows.drop(columns=["t", "y", "y0", "y1", "ite"])
    return Known(covariates, rows["t"].to_numpy(float), rows["y"].to_numpy(float), rows["ite"].to_numpy(float))


def surface(seed: int, n: int = 600) -> Known:
    """Four kinds of surface in turn, with confounding by two covariates of ten."""
    rng = np.random.default_rng([seed, 77])
    x = rng.normal(size=(n, 10))
    x[:, 5:] = x[:, 5:] > 0
    treated = (rng.random(n) < 1 / (1 + np.exp(-0.6 * x[:, 0] + 0.6 * x[:, 1] - 0.5 * x[:, 5]))).astype(np.float64)
    kind = seed % 4
    base = [
        x[:, 0] - x[:, 1] + x[:, 2],
        x[:, 0] * x[:, 1] + x[:, 2] ** 2,
        2.0 * (x[:, 0] > 0.3) - (x[:, 1] > 0),
        np.exp(0.7 * x[:, 0] - 0.5 * x[:, 1]),
    ][kind]
    effect = [1 + x[:, 2], 1 + x[:, 0], 1.0 + 2 * (x[:, 3] > 0), 1 + 0.5 * base][(kind + seed // 4) % 4]
    return Known(pd.DataFrame(x), treated, base + treated * effect + rng.normal(size=n), np.asarray(effect, dtype=np.float64))
