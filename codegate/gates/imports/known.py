"""Which distributions bring which modules, where their names do not tell."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

DECLARE: Final = "Use what the project declares, or commit the new dependency to it first."
# Module → the distributions that bring it, the usual one first. Of the most downloaded packages those whose
# name differs from their module's by more than `-`, `_`, case, and a leading or trailing `py` or `python`.
BRINGS: Final[dict[str, tuple[str, ...]]] = {
    "_pytest": ("pytest",),
    "attr": ("attrs",),
    "Bio": ("biopython",),
    "bs4": ("beautifulsoup4",),
    "Crypto": ("pycryptodome", "pycrypto"),
    "Cryptodome": ("pycryptodomex",),
    "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
    "dateutil": ("python-dateutil",),
    "discord": ("discord-py", "py-cord"),
    "django_filters": ("django-filter",),
    "dns": ("dnspython",),
    "docx": ("python-docx",),
    "environ": ("django-environ",),
    "faiss": ("faiss-cpu", "faiss-gpu"),
    "fitz": ("pymupdf",),
    "flask_restful": ("flask-restful",),
    "git": ("gitpython",),
    "github": ("pygithub",),
    "gi": ("pygobject",),
    "google.auth": ("google-auth",),
    "google.genai": ("google-genai",),
    "google.generativeai": ("google-generativeai",),
    "google.oauth2": ("google-auth",),
    "google.protobuf": ("protobuf",),
    "googleapiclient": ("google-api-python-client",),
    "grpc": ("grpcio",),
    "grpc_status": ("grpcio-status",),
    "grpc_tools": ("grpcio-tools",),
    "IPython": ("ipython",),
    "jose": ("python-jose",),
    "jwt": ("pyjwt",),
    "kafka": ("kafka-python",),
    "ldap": ("python-ldap",),
    "llama_cpp": ("llama-cpp-python",),
    "magic": ("python-magic",),
    "markdown_it": ("markdown-it-py",),
    "MySQLdb": ("mysqlclient",),
    "nacl": ("pynacl",),
    "OpenGL": ("pyopengl",),
    "OpenSSL": ("pyopenssl",),
    "PIL": ("pillow",),
    "pkg_resources": ("setuptools",),
    "psycopg2": ("psycopg2", "psycopg2-binary"),
    "pylab": ("matplotlib",),
    "mpl_toolkits": ("matplotlib",),
    "pythoncom": ("pywin32",),
    "pywintypes": ("pywin32",),
    "win32api": ("pywin32",),
    "win32com": ("pywin32",),
    "win32con": ("pywin32",),
    "pptx": ("python-pptx",),
    "rest_framework": ("djangorestframework",),
    "ruamel": ("ruamel-yaml",),
    "serial": ("pyserial",),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn",),
    "slugify": ("python-slugify",),
    "snappy": ("python-snappy",),
    "socks": ("pysocks",),
    "talib": ("ta-lib",),
    "telegram": ("python-telegram-bot",),
    "tree_sitter_languages": ("tree-sitter-languages",),
    "usb": ("pyusb",),
    "websocket": ("websocket-client",),
    "wx": ("wxpython",),
    "Xlib": ("python-xlib",),
    "yaml": ("pyyaml",),
    "zmq": ("pyzmq",),
}
# What anyone may have misspelled, or forgotten to declare: the most used of those whose names do tell.
POPULAR: Final = frozenset(
    (
        "aiohttp", "alembic", "anyio", "black", "boto3", "botocore", "celery", "certifi", "click",
        "cryptography", "cython", "django", "docker", "fastapi", "flask", "gunicorn", "h11", "h5py",
        "httpcore", "httpx", "hypothesis", "idna", "jinja2", "joblib", "jsonschema", "keras", "lxml",
        "markupsafe", "matplotlib", "mypy", "networkx", "nltk", "numba", "numpy", "openai", "openpyxl",
        "orjson", "packaging", "pandas", "paramiko", "pexpect", "platformdirs", "pluggy", "psutil",
        "psycopg", "pyarrow", "pydantic", "pygments", "pymongo", "pymysql", "pyparsing", "pytest", "pytz",
        "redis", "regex", "requests", "rich", "ruff", "scipy", "seaborn", "selenium", "setuptools",
        "simplejson", "six", "sphinx", "sqlalchemy", "starlette", "sympy", "tabulate", "tenacity",
        "tensorflow", "toml", "tomli", "torch", "torchvision", "tornado", "tqdm", "transformers", "trio",
        "typer", "typing_extensions", "tzdata", "ujson", "urllib3", "uvicorn", "uvloop", "virtualenv",
        "watchdog", "websockets", "werkzeug", "wheel", "wrapt", "xmltodict",
    )
)  # fmt: skip


_BROUGHT: Final = {dist: module for module, dists in BRINGS.items() for dist in dists}


def canonical(name: str) -> str:
    """Return a distribution's name as all its spellings have it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def bringers(module: str, names: tuple[str, ...] = ()) -> set[str]:
    """Return the names of all distributions that may bring a module, or one of those `names` below it."""
    parts = module.split(".")
    dotted = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    top = canonical(parts[0])
    found = {canonical(d) for d in (*dotted, *(f"{module}.{name}" for name in names))}
    if brought_by(parts[0]):
        found.discard(top)
    found |= {f"python-{top}", f"{top}-python", f"py{top}", f"{top}py", f"types-{top}", f"{top}-stubs"}
    return found.union(*(BRINGS.get(d, ()) for d in dotted))


def brought_by(name: str) -> str | None:
    """Return the module that a distribution brings which is no module itself: `bs4` for `beautifulsoup4`."""
    return None if name in BRINGS else _BROUGHT.get(canonical(name))


def is_known(module: str) -> bool:
    """Say whether a module is known to exist, declared or not."""
    top = module.partition(".")[0]
    return (
        top in BRINGS
        or known_to_bring(module) is not None
        or canonical(top) in {canonical(p) for p in POPULAR}
    )


def known_to_bring(module: str) -> str | None:
    """Return the usual distribution of a module, where its name does not tell."""
    parts = module.split(".")
    dotted = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((BRINGS[name][0] for name in dotted if name in BRINGS), None)


def nearest(name: str, known: Iterable[str], alike: float = 0.8) -> str:
    """Return a hint that names the nearest of `known`, from a likeness on; nothing where none is near."""
    near = difflib.get_close_matches(name, {k for k in known if k != name}, 1, cutoff=alike)
    return f"Did you mean `{near[0]}`?" if near else ""
