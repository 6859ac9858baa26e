"""The fixed task set of `codegate model bench`: boilerplate in real libraries, and checks that no gate knows.

`libraries.toml` names the libraries and the version of the set; each other TOML file holds a family's tasks.
"""
