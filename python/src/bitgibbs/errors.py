"""What goes wrong between a client and its coordinator, in one line."""

import grpc


class CoordinatorError(Exception):
    """A call that failed.

    Attributes:
        code: name of the gRPC status, as ``INVALID_ARGUMENT``
    """

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


#: Statuses of connections that break in a way that another try may mend.
CUT = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.CANCELLED)


def in_words(error: grpc.RpcError, address: str) -> CoordinatorError:
    """The error of a call, told plainly."""
    code = error.code()
    # A coordinator that answers so gives details; else nobody has answered.
    answered = any(key == "grpc-status-details-bin" for key, _ in error.trailing_metadata() or ())
    if code == grpc.StatusCode.UNAVAILABLE and not answered:
        return CoordinatorError(code.name, f"the coordinator at {address} can't be reached")
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return CoordinatorError(code.name, f"the coordinator at {address} took too long")
    return CoordinatorError(code.name, f"the coordinator at {address} refused: {error.details()}")
