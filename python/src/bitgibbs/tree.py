"""The draws of a run as the xarray DataTree that its folder would give, for ArviZ."""

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.metadata import version

import numpy as np
import xarray as xr

from .channel import Tls
from .draws import MOVES, Draw, Draws, unpack

_NAT_Q = 4096
_MOVES_NOTE = "since the chain’s previous draw, by kind of move"


def datatree(
    address: str,
    *,
    follow: bool = False,
    from_draw: int = 0,
    to_draw: int | None = None,
    every: int = 1,
    chains: Sequence[int] | None = None,
    patience: float = 60,
    tls: Tls | None = None,
) -> xr.DataTree:
    """Pulls the draws of the run at ``address`` (host:port); the arguments are those of ``Draws``.

    Groups ``posterior``, ``sample_stats`` and ``constant_data`` have the variables, coordinates and attributes of the
    run's folder. What clients are not told is in the folder alone: ``observed_data``, a warm-up that is kept, the inverse
    temperatures of the warm-up, what tempering tells of its replicas.

    Raises:
        CoordinatorError: when the coordinator refuses or does not answer
    """
    choice = {"from_draw": from_draw, "to_draw": to_draw, "every": every, "chains": chains}
    with Draws(address, follow=follow, patience=patience, tls=tls, **choice) as source:
        wanted = sorted(source.cursors)
        taken = list(source)
        run, end = source.run, source.end
    numbers = sorted({draw.draw for draw in taken})
    # In the order (draw, chain), and as many of each chain.
    size = (len(numbers), len(wanted))
    coords = {"chain": np.array(wanted, np.int64), "draw": np.array(numbers, np.int64)}
    groups = {
        "posterior": _posterior(run, taken, size, coords),
        "sample_stats": _sample_stats(taken, size, coords),
        "constant_data": _constant_data(run),
    }
    attributes = _attributes(run)
    tree = {name: group.assign_attrs(attributes) for name, group in groups.items()}
    status = end if end in ("finished", "stopped") else "running"
    own = {"status": status, "draws_id": run.draws_id, "data_sha256": run.data_sha256, "seed": run.seed}
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs={**attributes, **own}), **tree})


def _weight_coords(run) -> dict:
    features = np.arange(run.model.features)
    row, column = np.divmod(features, run.model.grid_columns)
    names = list(run.class_names)
    numeric = all(re.fullmatch(r"0|[1-9]\d{0,8}", name) for name in names)
    return {
        "feature": features,
        "row": ("feature", row),
        "column": ("feature", column),
        "class": np.array(names, np.int64) if numeric else np.array(names),
    }


def _posterior(run, taken: list[Draw], size: tuple[int, int], coords: dict) -> xr.Dataset:
    shape = (run.model.features, run.model.classes)
    w = unpack(b"".join(draw.bits for draw in taken), len(taken), shape) if taken else np.zeros((0, *shape), bool)
    dims = ("chain", "draw", "feature", "class")
    attrs = {"description": "weights; logit of class k is the sum of x[feature] w[feature, k]"}
    return xr.Dataset(
        {"w": (dims, w.reshape(*size, *shape).swapaxes(0, 1), attrs)},
        {**coords, **_weight_coords(run)},
    )


def _sample_stats(taken: list[Draw], size: tuple[int, int], coords: dict) -> xr.Dataset:
    def column(name: str, dtype, *more: int) -> np.ndarray:
        values = np.array([getattr(draw, name) for draw in taken], dtype)
        return values.reshape(*size, *more).swapaxes(0, 1)

    log_lik_q = column("log_lik_q", np.int64)
    proposed, accepted = (column(name, np.int64, len(MOVES)) for name in ("proposed", "accepted"))
    with np.errstate(invalid="ignore"):
        rate = (accepted / proposed).astype(np.float32)
    each, moves = ("chain", "draw"), ("chain", "draw", "move")
    by_move = {"description": _MOVES_NOTE}
    return xr.Dataset(
        {
            "lp": (each, column("lp", np.float64), {"units": "nat", "description": "log-likelihood + log prior"}),
            "log_likelihood": (each, log_lik_q / _NAT_Q, {"units": "nat"}),
            "log_lik_q": (each, log_lik_q, {"units": "2**-12 nat", "description": "exact"}),
            "beta": (each, np.ones(log_lik_q.shape), {"description": "inverse temperature"}),
            "sweep": (each, column("sweep", np.int64), {"description": "number of the draw’s last sweep"}),
            "acceptance_rate": (moves, rate, by_move),
            "proposed": (moves, proposed, by_move),
            "accepted": (moves, accepted, by_move),
        },
        {**coords, "move": np.array(MOVES)},
    )


def _constant_data(run) -> xr.Dataset:
    model = run.model
    prior_q = np.frombuffer(model.prior_q, "<i4").reshape(model.features, model.classes)
    return xr.Dataset(
        {
            "prior_log_odds": (("feature", "class"), prior_q / _NAT_Q),
            "lit": ("feature", np.frombuffer(model.lit, np.uint8).astype(bool)),
        },
        _weight_coords(run),
    )


def _attributes(run) -> dict:
    """What ArviZ knows a run by."""
    return {
        "created_at": datetime.now(timezone.utc).isoformat(),
        "creation_library": "bitgibbs",
        "creation_library_version": version("bitgibbs"),
        "creation_library_language": "Python",
        "inference_library": "bitgibbs",
        "inference_library_version": run.package_version,
        "tuning_steps": run.warmup_sweeps,
        "thinning": run.thin,
        "run_id": run.run_id,
        "data_name": run.data,
    }
