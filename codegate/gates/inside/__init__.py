"""What runs in the project's interpreter, in the sandbox, and says what each test said. PYTEST_DONT_REWRITE

It is copied, with a `settings.json`, under a name that nobody can guess, into a folder of its own on that
interpreter's path. So it imports nothing of codegate's, and keeps to what every Python since 3.8 has. What it
says is read by `codegate.gates.outcomes`, and is no more than a claim.

Lines, each after this run's token: `{"start": id}`; `{"test": id, "when", "outcome"}` with `"xfail"`, or
with `"line"` and `"text"` of a failure, for each call and whatever else did not pass; `{"collect": id,
"text"}` for what could not be collected; `{"canary": name, "outcome"}`; `{"exit": status}` at the end. In a
run that measures, for each process that ran tests: `{"measured": {path: {"statements", "ran"}}, "touching":
number of tests}`, or `{"unmeasured": why}`. A run with a trial says of it, each under `"trial"`:
`{"untried": why}` or `{"unreachable": why}`; of mutants `{"reached": number}`, `{"trying": number}` and
`{"mutant": number, "killed"}`; of a class `{"path", "class": name, "instances", "repr", "pairs": numbers,
"wrong": [what]}`.
"""
