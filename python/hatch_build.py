"""Makes the stubs of the coordinator's services from the .proto files, while the package is built."""

import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = ["bitgibbs/v1/chain.proto", "bitgibbs/v1/common.proto"]


class StubsHook(BuildHookInterface):
    """Adds bitgibbs/v1 to a wheel."""

    def initialize(self, version, build_data):
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        # Beside this folder in a checkout, inside it in a source distribution.
        protos = next(place for place in (root / "proto", root.parent / "proto") if place.is_dir())
        self._made = tempfile.TemporaryDirectory()
        out = self._made.name
        well_known = resources.files("grpc_tools") / "_proto"
        args = [f"-I{protos}", f"-I{well_known}", f"--python_out={out}", f"--pyi_out={out}", f"--grpc_python_out={out}"]
        if protoc.main(["protoc", *args, *FILES]) != 0:
            raise RuntimeError("protoc could not make stubs of the .proto files")
        build_data["force_include"][f"{out}/bitgibbs/v1"] = "bitgibbs/v1"

    def finalize(self, version, build_data, artifact_path):
        if self.target_name == "wheel":
            self._made.cleanup()
