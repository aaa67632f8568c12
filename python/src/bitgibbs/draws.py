"""Draws as an iterator that outlives its connections, and can be gone on with by another process."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import grpc
import numpy as np

from .channel import Tls, open_channel
from .errors import CUT, CoordinatorError, in_words
from .v1 import chain_pb2, chain_pb2_grpc

#: Kinds of moves, in the order of ``Draw.proposed`` and ``Draw.accepted``.
MOVES = ("flips", "rows", "swaps")

_ENDS = {
    chain_pb2.STREAM_END_STORED: "stored",
    chain_pb2.STREAM_END_FINISHED: "finished",
    chain_pb2.STREAM_END_STOPPED: "stopped",
}
_CALL_SECONDS = 30
_PAUSE_SECONDS = 0.2
# A connection that lasts so long is one: patience begins anew.
_STEADY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Draw:
    """A state of a chain, audited and stored."""

    chain: int
    #: From 0.
    draw: int
    #: Number of its last sweep, warm-up included.
    sweep: int
    #: Log-likelihood in 2**-12 nat, exact.
    log_lik_q: int
    #: Log-likelihood plus log prior, nat.
    lp: float
    #: Moves since the chain's previous draw, by ``MOVES``.
    proposed: tuple[int, int, int]
    accepted: tuple[int, int, int]
    #: W, one bit a weight, least significant first, index feature * classes + class.
    bits: bytes
    #: (features, classes)
    shape: tuple[int, int]

    @property
    def w(self) -> np.ndarray:
        """The weights, bool, (features, classes); unpacked anew each time it is asked for."""
        return unpack(self.bits, 1, self.shape)[0]


def unpack(bits: bytes, count: int, shape: tuple[int, int]) -> np.ndarray:
    """``count`` packed states as bools, (count, features, classes)."""
    packed = np.frombuffer(bits, np.uint8).reshape(count, -1)
    return np.unpackbits(packed, axis=1, count=shape[0] * shape[1], bitorder="little").astype(bool).reshape(count, *shape)


class Draws(Iterator[Draw]):
    """Each draw once, in the order (draw, chain).

    A connection that breaks is made again, and the draws go on where they were. To go on in another process, keep
    ``cursors`` and ``draws_id`` and give them again: no draw is missed and none comes twice.

    Args:
        address: host:port of the coordinator
        follow: wait for more draws until the run ends
        from_draw: number of the first draw
        to_draw: only draws with smaller numbers
        every: only draws whose number is a multiple of this
        chains: only these chains
        cursors: number of the next draw of some chains, in place of ``from_draw``
        draws_id: of an earlier ``Draws``: draws of another run are refused
        patience: seconds that a coordinator which does not answer is waited for
        tls: of a coordinator that speaks TLS

    Raises:
        CoordinatorError: when the coordinator refuses, or does not answer for so long
    """

    def __init__(
        self,
        address: str,
        *,
        follow: bool = False,
        from_draw: int = 0,
        to_draw: int | None = None,
        every: int = 1,
        chains: Sequence[int] | None = None,
        cursors: Mapping[int, int] | None = None,
        draws_id: str | None = None,
        patience: float = 60,
        tls: Tls | None = None,
    ):
        self.address = address
        self._patience = patience
        self._channel = open_channel(address, tls)
        self._service = chain_pb2_grpc.ChainServiceStub(self._channel)
        #: The run's facts, as the coordinator gives them (``bitgibbs.v1.GetRunResponse``).
        self.run = self._ask_run()
        #: What fixes the draws of the run.
        self.draws_id: str = draws_id or self.run.draws_id
        #: Number of the next draw of each chain.
        self.cursors: dict[int, int] = {chain: from_draw for chain in (chains if chains is not None else range(self.run.chains))}
        self.cursors.update(cursors or {})
        #: Why there are no more draws: "stored", "finished" or "stopped"; None while there may be.
        self.end: str | None = None
        self._fixed = {"follow": follow, "to_draw": to_draw or 0, "every": every, "draws_id": self.draws_id}
        self._iterator = self._all()

    def __next__(self) -> Draw:
        return next(self._iterator)

    def close(self) -> None:
        """Ends the connection."""
        self._iterator.close()
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _ask_run(self):
        try:
            grpc.channel_ready_future(self._channel).result(timeout=self._patience)
            return self._service.GetRun(chain_pb2.GetRunRequest(), timeout=_CALL_SECONDS)
        except grpc.FutureTimeoutError:
            self._channel.close()
            text = f"no coordinator answers at {self.address} (waited {self._patience:g} s)"
            raise CoordinatorError("UNAVAILABLE", text) from None
        except grpc.RpcError as error:
            self._channel.close()
            raise in_words(error, self.address) from None

    def _request(self):
        return chain_pb2.StreamDrawsRequest(
            chains=list(self.cursors),
            cursors=[chain_pb2.ChainCursor(chain=chain, next_draw=draw) for chain, draw in self.cursors.items()],
            encoding=chain_pb2.DRAW_ENCODING_CHANGES,
            **self._fixed,
        )

    def _all(self):
        give_up_at = None
        while True:
            opened_at = time.monotonic()
            try:
                for draw in self._connection():
                    give_up_at = None
                    self.cursors[draw.chain] = draw.draw + 1
                    yield draw
                if self.end is not None:
                    return
            except grpc.RpcError as error:
                if error.code() not in CUT:
                    raise in_words(error, self.address) from None
                cut = error
            else:
                cut = None
            now = time.monotonic()
            if give_up_at is None or now - opened_at > _STEADY_SECONDS:
                give_up_at = now + self._patience
            if now >= give_up_at:
                if cut is not None:
                    raise in_words(cut, self.address) from None
                raise CoordinatorError("UNAVAILABLE", f"the coordinator at {self.address} ends its streams before their end")
            time.sleep(_PAUSE_SECONDS)

    def _connection(self):
        """The draws of one connection, as far as it goes; sets ``end`` where it says that there are no more."""
        shape = (self.run.model.features, self.run.model.classes)
        before: dict[int, bytearray] = {}
        call = self._service.StreamDraws(self._request())
        try:
            for message in call:
                for draw in message.draws:
                    yield self._decoded(draw, before, shape)
                if message.end:
                    self.end = _ENDS[message.end]
        finally:
            call.cancel()

    def _decoded(self, draw, before: dict[int, bytearray], shape: tuple[int, int]) -> Draw:
        if draw.draw < self.cursors.get(draw.chain, draw.draw + 1):
            raise CoordinatorError("INTERNAL", f"draw {draw.draw} of chain {draw.chain} came unasked or twice")
        if draw.WhichOneof("weights") == "changed":
            if draw.chain not in before:
                raise CoordinatorError("INTERNAL", f"chain {draw.chain} began with changes of nothing")
            bits = before[draw.chain]
            index = 0
            for gap in draw.changed.gaps:
                index += gap
                bits[index >> 3] ^= 1 << (index & 7)
        else:
            bits = before[draw.chain] = bytearray(draw.bits)
        counts = draw.counts
        return Draw(
            chain=draw.chain,
            draw=draw.draw,
            sweep=draw.sweep,
            log_lik_q=draw.log_lik_q,
            lp=draw.lp,
            proposed=tuple(getattr(counts, f"{move}_proposed") for move in MOVES),
            accepted=tuple(getattr(counts, f"{move}_accepted") for move in MOVES),
            bits=bytes(bits),
            shape=shape,
        )
