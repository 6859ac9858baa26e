# why: a core file is written where a pattern of the machine's says, with all that was in memory
# rule: tests/crashed
import os
import resource


def test_dumps_core():
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    os.abort()
