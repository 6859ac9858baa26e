"""Do the project's own tests still pass, all of them, as the base has them and as the change has them?"""

from codegate.gates.tests.gate import Remembered, Tests

__all__ = ["Remembered", "Tests"]
