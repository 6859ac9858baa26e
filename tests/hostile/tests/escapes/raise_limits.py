# why: a limit that can be lifted is none
# rule: tests/failed
# says: (ValueError|PermissionError)
import resource


def test_lifts_the_limit():
    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
