# why: Python runs a compiled file that claims to hold for any text
# contained: nothing that was written is there afterwards
import py_compile
from pathlib import Path


def test_plants_compiled_python():
    Path("other.py").write_text("def add(a, b):\n    return 3\n")
    cached = f"__pycache__/calc.{__import__('sys').implementation.cache_tag}.pyc"
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile("other.py", cfile=cached, dfile="calc.py", invalidation_mode=mode)
