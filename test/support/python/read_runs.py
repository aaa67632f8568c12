"""Reads runs as their users do, for tests: a folder a line on standard input, an answer in JSON a line.

Every answer comes from a fresh opening. Warnings of zarr and xarray are errors.
"""

import hashlib
import json
import struct
import sys
import warnings

warnings.simplefilter("error")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of imports, not of what is tested
    import arviz
import numpy as np
import xarray as xr


def digest(posterior, stats):
    """The digest as src/store/digest.ts defines it, from the arrays alone."""
    w = posterior["w"].values
    chains, draws, features, classes = w.shape
    packed = np.packbits(w.reshape(chains, draws, -1), axis=-1, bitorder="little")
    log_lik = stats["log_lik_q"].values
    whole = hashlib.sha256(b"bitgibbs draws 1\n" + struct.pack("<4I", features, classes, chains, draws))
    for chain in range(chains):
        records = hashlib.sha256()
        for draw in range(draws):
            records.update(struct.pack("<2I", chain, draw))
            records.update(packed[chain, draw].tobytes())
            records.update(struct.pack("<q", int(log_lik[chain, draw])))
        whole.update(records.digest())
    return whole.hexdigest()


def lengths(*datasets):
    """Every length of the dimension draw that any array has."""
    return sorted({a.sizes["draw"] for ds in datasets for a in ds.variables.values() if "draw" in a.dims})


def torn_draws(posterior, stats, warmup_beta=None):
    """Draws of toy runs whose parts don't belong together (see test/unit/store/toy-run.ts).

    Those of the sampling have beta 1, those of the warm-up that of their sweep in ``warmup_beta``.
    """
    ones = posterior["w"].sum(("feature", "class")).values
    chain = posterior["chain"].values[:, None]
    sweep = stats["sweep"].values
    expected = -(4_000_000_000 + 1000 * (sweep + 1) + 10 * ones + chain)
    right = stats["log_lik_q"].values == expected
    right &= stats["log_likelihood"].values == stats["log_lik_q"].values / 4096
    right &= stats["beta"].values == (1 if warmup_beta is None else warmup_beta[sweep])
    right &= np.isfinite(stats["lp"].values)
    return int((~right).sum())


def variables(tree):
    """Names, dimensions and types of all variables."""
    return {
        group.path: {name: [list(v.dims), v.dtype.kind] for name, v in sorted(group.to_dataset().variables.items())}
        for group in tree.subtree
        if group.path != "/"
    }


def warmup_of(tree):
    """Lengths of the warm-up groups and draws in them that are torn; nothing of a run without them."""
    names = ("warmup_posterior", "warmup_sample_stats")
    if not any(name in tree.children for name in names):
        return {}
    posterior, stats = (tree[name].to_dataset(inherit=False) for name in names)
    seen = lengths(posterior, stats)
    consecutive = bool((posterior["draw"].values == np.arange(seen[-1])).all())
    torn = torn_draws(posterior, stats, tree["constant_data"]["warmup_beta"].values)
    return {"warmup": {"lengths": seen, "consecutive": consecutive, "torn": torn}}


def look(folder):
    """What a quick look at a run in progress sees."""
    with xr.open_datatree(folder, engine="zarr") as tree:
        posterior, stats = (tree[name].to_dataset(inherit=False) for name in ("posterior", "sample_stats"))
        seen = lengths(posterior, stats)
        draws = seen[-1]
        consecutive = bool((posterior["draw"].values == np.arange(draws)).all())
        last = slice(max(0, draws - 40), draws)
        torn = torn_draws(posterior.isel(draw=last), stats.isel(draw=last))
        status = tree.attrs["status"]
        return {"lengths": seen, "consecutive": consecutive, "torn": torn, "status": status, **warmup_of(tree)}


def alone(folder):
    """Lengths that readers see who open one group, or one array by its own metadata."""
    import zarr

    with xr.open_dataset(folder, engine="zarr", group="posterior") as posterior:
        group = lengths(posterior)
    return {"group": group, "array": zarr.open_array(f"{folder}/posterior/w", mode="r").shape[1]}


def everything(folder):
    """All of a run, through xarray and through ArviZ."""
    with xr.open_datatree(folder, engine="zarr") as tree:
        tree.load()
        posterior, stats = (tree[name].to_dataset(inherit=False) for name in ("posterior", "sample_stats"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # ArviZ's own use of other packages
            data = arviz.InferenceData.from_datatree(tree) if hasattr(arviz, "InferenceData") else tree
            ess = float(arviz.ess(data.sample_stats["lp"].values))
            mean = data.posterior["w"].mean(("chain", "draw")).values
        first = stats.isel(draw=0)
        return {
            "digest": digest(posterior, stats),
            "torn": torn_draws(posterior, stats),
            "variables": variables(tree),
            "attributes": tree.attrs,
            "groups": sorted(tree.children),
            "ess": ess,
            "mean": mean.ravel().tolist(),
            "lp": stats["lp"].values.tolist(),
            "acceptance": first["acceptance_rate"].sel(move="flips").values.tolist(),
            "proposed": first["proposed"].values.tolist(),
            "row": posterior["row"].values.tolist(),
            "column": posterior["column"].values.tolist(),
            "class": posterior["class"].values.tolist(),
            "prior": tree["constant_data"]["prior_log_odds"].values.ravel().tolist(),
            "warmup_beta": tree["constant_data"]["warmup_beta"].values.tolist(),
            "y": tree["observed_data"]["y"].values.tolist(),
        }


def warmup(folder):
    """The warm-up of a run as ArviZ has it."""
    with xr.open_datatree(folder, engine="zarr") as tree:
        tree.load()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # ArviZ's own use of other packages
            data = arviz.InferenceData.from_datatree(tree) if hasattr(arviz, "InferenceData") else tree
        posterior, stats = data["warmup_posterior"], data["warmup_sample_stats"]
        return {
            "variables": {path: v for path, v in variables(tree).items() if path.startswith("/warmup_")},
            "attributes": {name: sorted(ds.attrs) for name, ds in (("posterior", data["posterior"]), ("warmup", posterior))},
            "stored": [tree.attrs["stored_warmup_draws"], tree.attrs["stored_draws"]],
            "w": posterior["w"].values.astype(int).tolist(),
            "lp": stats["lp"].values.tolist(),
            "beta": stats["beta"].values.tolist(),
            "sweep": stats["sweep"].values.tolist(),
            "acceptance": stats["acceptance_rate"].sel(move="flips").values.tolist(),
            "class": posterior["class"].values.tolist(),
        }


def main():
    questions = {"look": look, "alone": alone, "everything": everything, "warmup": warmup}
    for line in sys.stdin:
        question, folder = line.rstrip("\n").split(" ", 1)
        try:
            answer = questions[question](folder)
        except Exception as error:  # the test says what it expected
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
