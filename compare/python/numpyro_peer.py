"""NumPyro: DiscreteGibbs with its default, the exact conditional of each bit; a draw is a sweep."""

import platform
import sys
import time

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.infer import MCMC, DiscreteGibbs

import problem

folder = sys.argv[1]
spec, x, y, starts = problem.read(folder)
x = jax.numpy.asarray(x, float)


def model():
    with numpyro.plate("class", spec["classes"], dim=-1), numpyro.plate("feature", spec["features"], dim=-2):
        w = numpyro.sample("w", dist.Bernoulli(spec["pi"]))
    with numpyro.plate("row", spec["rows"]):
        numpyro.sample("y", dist.Categorical(logits=x @ w), obs=jax.numpy.asarray(y))


def seconds_per_sweep(kernel):
    """CPU seconds, after a first call that compiles."""
    sweeps = max(1, spec["draws"] // 4)
    state = kernel.init(jax.random.PRNGKey(spec["seed"]), 0, {"w": jax.numpy.asarray(starts[0])}, (), {})
    walk = jax.jit(lambda s: jax.lax.fori_loop(0, sweeps, lambda _, own: kernel.sample(own, (), {}), s))
    state = jax.block_until_ready(walk(state))
    begun = time.process_time()
    jax.block_until_ready(walk(state))
    return (time.process_time() - begun) / sweeps


mcmc = MCMC(
    DiscreteGibbs(model),
    num_warmup=0,
    num_samples=spec["draws"],
    num_chains=spec["chains"],
    chain_method="sequential",
    progress_bar=False,
)
first = jax.numpy.asarray(starts if spec["chains"] > 1 else starts[0])
mcmc.run(jax.random.PRNGKey(spec["seed"]), init_params={"w": first})
w = mcmc.get_samples(group_by_chain=True)["w"]
version = f"NumPyro {numpyro.__version__}, JAX {jax.__version__}, Python {platform.python_version()}"
problem.write(folder, w, version, seconds_per_sweep(DiscreteGibbs(model)))
