"""llama.cpp as llama-cpp-python brings it: loaded late, its complaints kept, its dangers turned off."""

from __future__ import annotations

import collections
import ctypes
from typing import Any

from .refusal import RefusedError

_LOG_LINES = 12
# More than any model has: llama.cpp gives a GPU all of them, and without one none.
_ALL_LAYERS = 999
_LOG_LEVEL_ERROR = 4  # GGML_LOG_LEVEL_ERROR


class Library:
    """The functions of llama.cpp in `lib`; `complaints` are the last errors that it logged."""

    def __init__(self) -> None:
        try:
            import llama_cpp
        except ImportError as error:
            raise RefusedError(
                f"llama-cpp-python cannot be imported: {error}",
                "install it with: pip install 'codegate[local]' (this needs a C++ compiler)",
            ) from error
        self.lib: Any = llama_cpp.llama_cpp
        self.version: str = llama_cpp.__version__
        self.complaints: collections.deque[str] = collections.deque(maxlen=_LOG_LINES)
        self._log = self._keep_errors()
        self.lib.llama_backend_init()

    def _keep_errors(self) -> Any:
        @self.lib.llama_log_callback  # type: ignore[untyped-decorator]
        def log(level: int, text: bytes, _: object) -> None:
            if level == _LOG_LEVEL_ERROR:
                self.complaints.append(text.decode("utf-8", "replace").strip())

        self.lib.llama_log_set(log, ctypes.c_void_p(0))
        return log  # must outlive the library's use of it

    def told(self, form: str) -> str:
        """Return the complaints in a form such as `" ({})"`; nothing where there are none."""
        return form.format("; ".join(self.complaints)) if self.complaints else ""

    def load(self, path: str, gpu_layers: int | None) -> Any:
        """Return a model, which lives as long as this process, so many layers on a GPU. Raises RefusedError.

        Not with the extra buffer types of a processor with AMX: with GCC 12 a native build dies at the first
        decode in them (ggml-org/llama.cpp #20824). Without AMX they make answers side by side 1.5 times as
        fast (Q4_K_M on an AVX2 build), and a single one no slower.
        """
        params = self.lib.llama_model_default_params()
        params.use_extra_bufts = b"AMX" not in self.lib.llama_print_system_info()
        params.n_gpu_layers = gpu_layers if gpu_layers is not None else _ALL_LAYERS
        self.complaints.clear()
        model = self.lib.llama_model_load_from_file(path.encode(), params)
        if not model and gpu_layers is None and self.lib.llama_supports_gpu_offload():
            return self.load(path, 0)  # the GPU may be too small for it
        if not model:
            told = f" ({self.complaints[0]})" if self.complaints else ""
            raise RefusedError(
                f"llama.cpp cannot load {path}{told}",
                "the file may be damaged, or of a newer kind than the installed llama-cpp-python",
            )
        return model
