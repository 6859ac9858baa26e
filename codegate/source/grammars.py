"""What codegate knows of each language that it can parse: one row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """One language: how its files are known, and what its grammar calls the things that codegate asks for.

    `filenames` and `patterns` outweigh `extensions`. `wheel` is the module that brings the grammar, `grammar`
    the function in it. The other fields hold node types: `definitions` have a name and can be a target;
    `containers` lend their name to what is in them and are none; `wrappers` stand around a definition and
    belong to it; `attached` stand before one and belong to it; `imports`; `preamble` must stay before any
    import; `strings` hold text whose indentation is content. A language without `definitions` has no symbols.
    `dialect` names the language that such a file may be in as well.
    """

    name: str
    wheel: str
    extensions: tuple[str, ...]
    filenames: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    grammar: str = "language"
    definitions: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    wrappers: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    preamble: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    comments: tuple[str, ...] = ("comment",)
    dialect: str = ""

    @property
    def distribution(self) -> str:
        """The package that brings the grammar."""
        return self.wheel.replace("_", "-")


_JAVASCRIPT: Final = (
    "function_declaration", "generator_function_declaration", "class_declaration", "method_definition",
    "variable_declarator",
)  # fmt: skip
_TYPESCRIPT: Final = (
    *_JAVASCRIPT, "function_signature", "abstract_class_declaration", "interface_declaration",
    "type_alias_declaration", "enum_declaration", "internal_module", "method_signature",
    "abstract_method_signature",
)  # fmt: skip
_JS_WRAPPERS: Final = ("export_statement", "lexical_declaration", "variable_declaration")
_TS_WRAPPERS: Final = (*_JS_WRAPPERS, "ambient_declaration", "expression_statement")
_JS_PREAMBLE: Final = ("hash_bang_line", "comment")
_JAVA_COMMENTS: Final = ("line_comment", "block_comment")

LANGUAGES: Final = (
    Language(
        "python", "tree_sitter_python", (".py", ".pyi", ".pyw"),
        filenames=("SConstruct", "SConscript", "wscript"),
        interpreters=("python", "python2", "python3", "pypy", "pypy3"),
        definitions=("function_definition", "class_definition"),
        wrappers=("decorated_definition",),
        imports=("import_statement", "import_from_statement", "future_import_statement"),
        strings=("string",),
    ),
    Language(
        "javascript", "tree_sitter_javascript", (".js", ".mjs", ".cjs", ".jsx"),
        interpreters=("node",),
        definitions=_JAVASCRIPT, wrappers=_JS_WRAPPERS, attached=("decorator",),
        imports=("import_statement",), preamble=_JS_PREAMBLE, strings=("template_string",),
    ),
    Language(
        "typescript", "tree_sitter_typescript", (".ts", ".mts", ".cts"),
        grammar="language_typescript",
        definitions=_TYPESCRIPT, wrappers=_TS_WRAPPERS, attached=("decorator",),
        imports=("import_statement",), preamble=_JS_PREAMBLE, strings=("template_string",),
    ),
    Language(
        "tsx", "tree_sitter_typescript", (".tsx",),
        grammar="language_tsx",
        definitions=_TYPESCRIPT, wrappers=_TS_WRAPPERS, attached=("decorator",),
        imports=("import_statement",), preamble=_JS_PREAMBLE, strings=("template_string",),
    ),
    Language(
        "go", "tree_sitter_go", (".go",),
        definitions=("function_declaration", "method_declaration", "type_spec", "type_alias"),
        wrappers=("type_declaration",),
        imports=("import_declaration",), preamble=("package_clause", "comment"),
        strings=("raw_string_literal",),
    ),
    Language(
        "rust", "tree_sitter_rust", (".rs",),
        definitions=(
            "function_item", "struct_item", "enum_item", "union_item", "trait_item", "mod_item", "type_item",
            "const_item", "static_item", "macro_definition", "function_signature_item",
        ),
        containers=("impl_item",), attached=("attribute_item",),
        imports=("use_declaration", "extern_crate_declaration"),
        preamble=("inner_attribute_item", "line_comment", "block_comment"),
        strings=("string_literal", "raw_string_literal"), comments=("line_comment", "block_comment"),
    ),
    Language(
        "java", "tree_sitter_java", (".java",),
        definitions=(
            "class_declaration", "interface_declaration", "enum_declaration", "record_declaration",
            "annotation_type_declaration", "method_declaration", "constructor_declaration",
        ),
        imports=("import_declaration",), preamble=("package_declaration", *_JAVA_COMMENTS),
        strings=("string_literal",), comments=_JAVA_COMMENTS,
    ),
    Language("c", "tree_sitter_c", (".c",)),
    Language("c", "tree_sitter_c", (".h",), dialect="cpp"),
    Language(
        "cpp", "tree_sitter_cpp",
        (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".tcc", ".inl"),
    ),
    Language(
        "csharp", "tree_sitter_c_sharp", (".cs", ".csx"),
        definitions=(
            "class_declaration", "interface_declaration", "enum_declaration", "struct_declaration",
            "record_declaration", "method_declaration", "constructor_declaration", "property_declaration",
        ),
        imports=("using_directive",), preamble=("comment", "extern_alias_directive"),
        strings=("verbatim_string_literal", "raw_string_literal"),
    ),
    Language(
        "ruby", "tree_sitter_ruby", (".rb", ".rake", ".gemspec", ".ru", ".podspec", ".rbi"),
        filenames=(
            "Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Podfile", "Fastfile", "Brewfile", "Capfile",
            "Dangerfile", "Berksfile", "Thorfile", "Appraisals",
        ),
        interpreters=("ruby", "jruby"),
        definitions=("class", "module", "method", "singleton_method"),
        strings=("string", "heredoc_body"),
    ),
    Language(
        "php", "tree_sitter_php", (".php", ".phtml", ".php5"),
        grammar="language_php", interpreters=("php",),
        definitions=(
            "class_declaration", "interface_declaration", "trait_declaration", "enum_declaration",
            "function_definition", "method_declaration",
        ),
        imports=("namespace_use_declaration",),
        preamble=("php_tag", "comment", "namespace_definition", "declare_statement"),
        strings=("string", "encapsed_string", "heredoc", "nowdoc", "text"),
    ),
    Language(
        "bash", "tree_sitter_bash", (".sh", ".bash"),
        filenames=(".bashrc", ".bash_profile", ".profile"),
        interpreters=("sh", "bash", "dash", "ksh"),
        definitions=("function_definition",), strings=("heredoc_body", "string", "raw_string"),
    ),
    Language(
        "json", "tree_sitter_json", (".json", ".webmanifest", ".geojson", ".ipynb", ".har"),
        filenames=("composer.lock", "Pipfile.lock", "flake.lock"),
    ),
    Language(
        "jsonc", "tree_sitter_json", (".jsonc", ".code-workspace"),
        filenames=(
            "jsconfig.json", "devcontainer.json", ".eslintrc", ".eslintrc.json", ".babelrc", ".swcrc",
            "tslint.json", "turbo.json", "api-extractor.json",
        ),
        patterns=("tsconfig*.json",),
    ),
    Language(
        "toml", "tree_sitter_toml", (".toml",),
        filenames=("Pipfile", "poetry.lock", "uv.lock", "Cargo.lock", "pdm.lock", "pylock.toml"),
    ),
    Language(
        "yaml", "tree_sitter_yaml", (".yaml", ".yml"),
        filenames=(".clang-format", ".clang-tidy", ".clangd", "pixi.lock", "CITATION.cff"),
    ),
    Language("html", "tree_sitter_html", (".html", ".htm", ".xhtml")),
    Language("css", "tree_sitter_css", (".css",)),
    Language(
        "dockerfile", "tree_sitter_containerfile", (".dockerfile", ".containerfile"),
        patterns=("Dockerfile", "Dockerfile.*", "Containerfile", "Containerfile.*"),
    ),
    Language("sql", "tree_sitter_sql", (".sql",), comments=("comment", "marginalia")),
    Language("markdown", "tree_sitter_markdown", (".md", ".markdown", ".mdown"), comments=()),
)  # fmt: skip
