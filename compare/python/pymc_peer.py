"""PyMC: BinaryGibbsMetropolis, the step that it assigns to Bernoulli variables; a draw is a sweep."""

import platform
import sys
import time

import numpy as np
import pymc as pm

import problem

folder = sys.argv[1]
spec, x, y, starts = problem.read(folder)
times = {}


def note(trace, draw):
    """CPU time at each draw, so that compilation before the first is left out."""
    times.setdefault(draw.chain, []).append(time.process_time())


with pm.Model():
    w = pm.Bernoulli("w", spec["pi"], shape=starts.shape[1:])
    pm.Categorical("y", logit_p=pm.math.dot(x.astype(float), w), observed=y)
    trace = pm.sample(
        draws=spec["draws"],
        tune=0,
        chains=spec["chains"],
        cores=1,
        step=pm.BinaryGibbsMetropolis([w]),
        initvals=[{"w": start.astype(np.int64)} for start in starts],
        random_seed=spec["seed"],
        callback=note,
        compute_convergence_checks=False,
        progressbar=False,
    )

spent = sum(own[-1] - own[0] for own in times.values())
sweeps = sum(len(own) - 1 for own in times.values())
version = f"PyMC {pm.__version__}, Python {platform.python_version()}"
problem.write(folder, trace.posterior["w"].values, version, spent / sweeps)
