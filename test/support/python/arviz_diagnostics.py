"""Reads {name: chains x draws} as JSON from standard input, writes {name: {figure: value}} as ArviZ computes them."""

import json
import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
import arviz  # noqa: E402
import numpy  # noqa: E402

numpy.seterr(all="ignore")


def figures(chains):
    array = numpy.array(chains, dtype=float)
    values = {
        "mean": array.mean(),
        "sd": array.std(ddof=1),
        "mcseMean": arviz.mcse(array, method="mean"),
        "mcseSd": arviz.mcse(array, method="sd"),
        "essBulk": arviz.ess(array, method="bulk"),
        "essTail": arviz.ess(array, method="tail"),
        "rhat": arviz.rhat(array, method="rank"),
    }
    # JSON has no NaN and no infinity.
    return {name: repr(float(value)) for name, value in values.items()}


json.dump({name: figures(chains) for name, chains in json.load(sys.stdin).items()}, sys.stdout)
