# why: a module of the checkout can come before the installed one
# rule: tests/crashed
# place: pytest.py
import os

os._exit(0)
