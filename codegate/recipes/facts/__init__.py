"""What code says of itself, read by `ast` and never run: what skeletons are computed from."""

from codegate.recipes.facts.classes import Attribute, ClassFacts
from codegate.recipes.facts.functions import FunctionFacts, Parameter
from codegate.recipes.facts.module import (
    Constant,
    ModuleFacts,
    find_facts,
    module_facts,
    module_name,
    type_names,
    typing_imports,
)

__all__ = [
    "Attribute", "ClassFacts", "Constant", "FunctionFacts", "ModuleFacts", "Parameter", "find_facts",
    "module_facts", "module_name", "type_names", "typing_imports",
]  # fmt: skip
