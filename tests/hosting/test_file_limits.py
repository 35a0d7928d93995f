"""The limit of open files, and the connections that it allows."""

import subprocess
import sys

import pytest

from rnnlab import limits
from rnnlab.hosting import file_limits
from rnnlab.hosting.file_limits import BURST, Capacity

LIMITED = """
import importlib.util, resource, sys, types
sys.modules["rnnlab"] = types.ModuleType("rnnlab")  # without torch, which takes seconds to import
for name, path in (("rnnlab.limits", sys.argv[1]), ("files", sys.argv[2])):
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = files = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(files)
resource.setrlimit(resource.RLIMIT_NOFILE, tuple(map(int, sys.argv[3:])))
files.raise_open_files()
print(files.open_files())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize(("soft", "hard", "then"), [(256, 1024, 1024), (1024, 1024, 1024)])
def test_the_limit_is_raised_as_far_as_the_system_allows(soft, hard, then):
    command = [sys.executable, "-c", LIMITED, limits.__file__, file_limits.__file__, str(soft), str(hard)]
    assert int(subprocess.run(command, capture_output=True, check=True, text=True).stdout) == then


@pytest.mark.parametrize("most", [64, 256, 1024, 4096, 20_000, 1_000_000])
def test_some_files_are_reserved_for_other_uses_than_connections(most):
    for visitors in (1, 200, 10_000):
        capacity = Capacity.of(most, visitors)
        assert 16 <= capacity.connections <= capacity.wanted
        assert capacity.is_short == (capacity.connections < capacity.wanted)
        if most >= 256:
            assert capacity.connections + capacity.max_refused + 4 * BURST + 40 < most, "about 40 others are open"


def test_the_usual_limit_holds_two_hundred_visitors_with_two_streams_each():
    assert Capacity.of(1024, 200).connections > 2 * 200
    assert not Capacity.of(None, 200).is_short
    assert not Capacity.of(65_536, 200).is_short
