"""The problem that compare/peers/python.ts has written to a folder."""

import json
import pathlib

import numpy as np


def read(folder):
    """The specification, x (N, D), y (N,) and where each chain begins (chain, D, K)."""
    folder = pathlib.Path(folder)
    spec = json.loads((folder / "spec.json").read_text())
    x = np.fromfile(folder / "x", np.uint8).reshape(spec["rows"], spec["features"])
    starts = np.fromfile(folder / "starts", np.uint8)
    starts = starts.reshape(spec["chains"], spec["features"], spec["classes"])
    return spec, x, np.fromfile(folder / "y", np.uint8), starts


def write(folder, w, version, seconds_per_sweep):
    """Writes draws w (chain, draw, D, K), and tells the rest on standard output."""
    np.asarray(w).astype(np.uint8).tofile(pathlib.Path(folder) / "w")
    print(json.dumps({"version": version, "seconds_per_sweep": seconds_per_sweep}))
