"""What a task's hidden check is written with: copied into the sandbox, and run there beside the library.

A check finds the functions below, and as globals `before`, `after`, `path` and `name`: those of the case. It
raises AssertionError for a wrong answer.
"""
