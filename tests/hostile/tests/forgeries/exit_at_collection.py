# why: a new test file is imported before any test runs
# rule: tests/crashed
import os

os._exit(0)
