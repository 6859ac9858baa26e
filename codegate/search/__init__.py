"""Several answers, of which the best is shown, and findings that go back to the model within a budget."""

from codegate.search.budget import Budget
from codegate.search.explanation import explain
from codegate.search.searching import Watch, search
from codegate.search.tried import Found, Tried, rank

__all__ = ["Budget", "Found", "Tried", "Watch", "explain", "rank", "search"]
