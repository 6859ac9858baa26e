"""The child process in which llama.cpp runs: it may crash, hang or be killed, and codegate lives on.

Started by path with `python -P`, so it imports nothing of the rest of codegate, and nothing from the working
directory. Speaks JSON lines: requests on standard input, events on standard output (see `serving`).
"""
