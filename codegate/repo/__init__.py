"""The only room that knows git: reads a repository, and stages changes where the user's git never looks."""

from codegate.repo.command import git
from codegate.repo.listing import TreeEntry
from codegate.repo.making import git_version, make_repository
from codegate.repo.repository import Repository
from codegate.repo.stage import Stage

__all__ = ["Repository", "Stage", "TreeEntry", "git", "git_version", "make_repository"]
