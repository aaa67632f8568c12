"""The Python client at work, for tests.

    pull_draws.py follow ADDRESS FILE    adds the run's draws to FILE as lines, going on where an earlier process was cut off
    pull_draws.py compare ADDRESS FOLDER pulls the run to its end and holds the tree against its folder
    pull_draws.py refused ADDRESS        what goes wrong, a line each
    pull_draws.py secured ADDRESS CA CERT KEY TOKEN_FILE  whether draws come with a certificate, a token, neither
"""

import hashlib
import json
import os
import struct
import sys
import warnings

import arviz
import xarray as xr

import bitgibbs


def tell_connected():
    print("connected", file=sys.stderr, flush=True)


def state_of(path):
    """Where the file's whole lines end: number of the next draw of each chain, draws_id."""
    cursors, draws_id = {}, None
    if os.path.exists(path):
        with open(path, "rb+") as file:
            text = file.read()
            whole = text.rfind(b"\n") + 1
            file.truncate(whole)
        for line in text[:whole].splitlines():
            chain, draw, draws_id, *_ = json.loads(line)
            cursors[chain] = draw + 1
    return cursors, draws_id


def follow(address, path):
    cursors, draws_id = state_of(path)
    with bitgibbs.Draws(address, follow=True, cursors=cursors, draws_id=draws_id) as draws, open(path, "a") as file:
        tell_connected()
        for draw in draws:
            line = [draw.chain, draw.draw, draws.draws_id, draw.bits.hex(), draw.log_lik_q]
            print(json.dumps(line), file=file, flush=True)
        print(draws.end)


def digest(tree):
    """The digest as src/store/digest.ts defines it."""
    w, log_lik = tree["posterior"]["w"].values, tree["sample_stats"]["log_lik_q"].values
    chains, draws, features, classes = w.shape
    whole = hashlib.sha256(b"bitgibbs draws 1\n" + struct.pack("<4I", features, classes, chains, draws))
    for chain in range(chains):
        records = hashlib.sha256()
        for draw in range(draws):
            bits = sum(int(bit) << i for i, bit in enumerate(w[chain, draw].ravel()))
            records.update(struct.pack("<2I", chain, draw) + bits.to_bytes((features * classes + 7) // 8, "little"))
            records.update(struct.pack("<q", int(log_lik[chain, draw])))
        whole.update(records.digest())
    return whole.hexdigest()


def compare(address, folder):
    bitgibbs.Draws(address).close()
    tell_connected()
    pulled = bitgibbs.datatree(address, follow=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stored = xr.open_datatree(folder, engine="zarr").load()
    for name in ("posterior", "sample_stats"):
        mine, its = (tree[name].to_dataset(inherit=False) for tree in (pulled, stored))
        xr.testing.assert_identical(mine.drop_attrs(deep=False), its.drop_attrs(deep=False))
        assert {k: v.dtype.kind for k, v in mine.variables.items() if v.dtype.kind not in "UTO"} == {
            k: v.dtype.kind for k, v in its.variables.items() if v.dtype.kind not in "UTO"
        }
        assert list(mine.attrs) == list(its.attrs), (list(mine.attrs), list(its.attrs))
        same = [k for k in mine.attrs if mine.attrs[k] == its.attrs[k]]
        assert {"inference_library_version", "tuning_steps", "thinning", "data_name"} <= set(same), same
    for name in ("prior_log_odds", "lit"):
        xr.testing.assert_identical(pulled["constant_data"][name], stored["constant_data"][name])
    ess = float(arviz.summary(pulled.sample_stats.to_dataset()[["lp"]])["ess_bulk"].iloc[0])
    assert ess > 0, ess
    answer = {"digest": digest(pulled), "status": pulled.attrs["status"], "groups": sorted(pulled.children)}
    print(json.dumps(answer))


def refused(address):
    some = bitgibbs.datatree(address, every=2, chains=[1], to_draw=4)
    print(some["posterior"]["chain"].values.tolist(), some["posterior"]["draw"].values.tolist(), some.attrs["status"])
    for options in ({"chains": [70]}, {"draws_id": "of another run"}, {"from_draw": 2**31}):
        try:
            next(bitgibbs.Draws(address, **options))
        except bitgibbs.CoordinatorError as error:
            print(error.code, error)
    try:
        bitgibbs.datatree("127.0.0.1:1", patience=0.5)
    except bitgibbs.CoordinatorError as error:
        print(error.code, error)


def secured(address, ca, cert, key, token_file):
    for tls in (bitgibbs.Tls(ca, cert, key), bitgibbs.Tls(ca, token_file=token_file), bitgibbs.Tls(ca)):
        try:
            print(next(bitgibbs.Draws(address, tls=tls, patience=20)).draw)
        except bitgibbs.CoordinatorError as error:
            print(error.code, error)


{"follow": follow, "compare": compare, "refused": refused, "secured": secured}[sys.argv[1]](*sys.argv[2:])
