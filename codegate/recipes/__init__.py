"""Recipes: kinds of boilerplate as data. What can be computed is; a model is asked for the rest."""

from codegate.recipes.declaration import FORMS, Declaration, Form, Input
from codegate.recipes.drafting import draft
from codegate.recipes.recipe import Recipe, open_recipe
from codegate.recipes.shelf import OWN_FOLDER, Shelf, prompts_folder, read_folder, user_folder
from codegate.recipes.skeleton import Draft, DraftPart, Fixes, Question

__all__ = [
    "FORMS", "OWN_FOLDER", "Declaration", "Draft", "DraftPart", "Fixes", "Form", "Input", "Question",
    "Recipe", "Shelf", "draft", "open_recipe", "prompts_folder", "read_folder", "user_folder",
]  # fmt: skip
