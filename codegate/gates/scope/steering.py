"""What decides how code is judged, built, installed or run, and what others run or obey by itself."""

from __future__ import annotations

from typing import Final

PROTECTED: Final = {
    "git": (
        ".gitattributes", ".gitmodules", ".gitignore", ".gitconfig", ".lfsconfig", ".git-blame-ignore-revs",
        "gitmod~*", "gitatt~*", "gitign~*", "gi7eba~*", "gi7d29~*", "gi250a~*",
    ),
    "codegate": ("codegate.toml", ".codegate",),
    "how the project is built and its tools are configured": (
        "/configure", "pyproject.toml", "setup.cfg", "setup.py", "MANIFEST.in", "hatch.toml",
        "hatch_build.py", "pdm.toml", ".pdm-python", "poetry.toml", "pixi.toml", "uv.toml", "pip.conf",
        ".config", "*.egg-info", "*.dist-info", "entry_points.txt", "package.json", "package.yaml",
        "pnpm-workspace.yaml", ".pnpmfile.*", ".npmrc", ".yarnrc*", ".yarn", "bunfig.toml", "deno.json*",
        "jsr.json", "import_map.json", "lerna.json", "nx.json", "turbo.json*", "rush.json", "moon.yml",
        ".moon", "tsconfig*.json", "jsconfig*.json", ".babelrc*", "babel.config.*", ".swcrc",
        "vite.config.*", "webpack.config.*", "rollup.config.*", "rspack.config.*", "esbuild.config.*",
        "next.config.*", "nuxt.config.*", "svelte.config.*", "astro.config.*", "postcss.config.*",
        "tailwind.config.*", "metro.config.*", "Cargo.toml", "build.rs", ".cargo", "rust-toolchain*",
        "go.mod", "go.work", "CMakeLists.txt", "CMakePresets.json", "CMakeUserPresets.json", "*.cmake",
        "meson.build", "meson.options", "meson_options.txt", "configure.ac", "Makefile.*", "conanfile.*",
        "vcpkg.json", "SConstruct", "SConscript", "wscript", "BUILD.bazel", "WORKSPACE.bazel",
        "MODULE.bazel", ".bazelrc", "*.bzl", "*.gradle", "*.gradle.kts", "gradle.properties", "gradlew*",
        "libs.versions.toml", "gradle-wrapper.*", "pom.xml", "mvnw*", ".mvn", "build.xml", "*.sbt",
        "*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx", "Directory.*.props", "Directory.*.targets",
        "NuGet.config", "global.json", "Rakefile", "*.rake", "Gemfile", "gems.rb", "*.gemspec", ".bundle",
        "composer.json", "Package.swift", "Podfile", "pubspec.yaml", "mix.exs", "rebar.config",
        "build.zig*", "flake.nix", "shell.nix", "default.nix",
    ),
    "which tools run it": (
        ".python-version", ".python-versions", ".tool-versions", "mise.toml", ".mise.toml", "mise.*.toml",
        ".nvmrc", ".node-version", ".ruby-version", ".java-version", ".sdkmanrc",
    ),
    "the linters": (
        "ruff.toml", ".ruff.toml", ".flake8", "pylintrc", ".pylintrc", "pylintrc.toml", ".pylintrc.toml",
        ".isort.cfg", ".style.yapf", ".pydocstyle", ".importlinter", ".bandit", "bandit.yaml", ".eslintrc*",
        ".eslintignore", "eslint.config.*", "biome.json*", ".oxlintrc.json", "oxlint.config.*",
        ".prettierrc*", "prettier.config.*", ".prettierignore", ".stylelintrc*", "stylelint.config.*",
        ".golangci.*", ".revive.toml", "staticcheck.conf", "clippy.toml", ".clippy.toml", "rustfmt.toml",
        ".rustfmt.toml", ".clang-tidy", ".clang-format", ".clangd", ".rubocop*.yml", ".php-cs-fixer*",
        ".php_cs*", "phpcs.xml*", ".phpcs.xml*", "phpstan*.neon*", "psalm.xml*", "rector.php", "detekt.yml",
        "checkstyle*.xml", "spotbugs*.xml", ".swiftlint.yml", ".swiftformat", ".shellcheckrc",
        ".hadolint.y*ml", ".yamllint*", ".markdownlint*", ".sqlfluff", ".editorconfig", ".codespellrc",
        "typos.toml", ".typos.toml", "_typos.toml", ".commitlintrc*", "commitlint.config.*",
        "sonar-project.properties", ".codeclimate.yml", ".deepsource.toml",
    ),
    "the scanners": (
        ".secrets.baseline", ".gitleaks*", "gitleaks.toml", ".trufflehog*", ".secretlintrc*",
        ".semgrepignore", ".semgrep*", "semgrep.y*ml", ".snyk", ".trivyignore*", "trivy.yaml",
        ".checkov.y*ml", "osv-scanner.toml", "deny.toml", "zizmor.yml",
    ),
    "the type checkers": (
        "mypy.ini", ".mypy.ini", "pyrightconfig.json", "ty.toml", "pyrefly.toml", ".pyre_configuration",
        "pytype.cfg",
    ),
    "the tests": (
        "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "tox.toml", "noxfile.py",
        "conftest.py", "behave.ini", ".coveragerc", ".coveragerc.toml", "codecov.yml", ".codecov.yml",
        ".coveralls.yml", "jest.config.*", "vitest.config.*", "playwright.config.*", "cypress.config.*",
        "karma.conf.*", ".mocharc*", ".nycrc*", ".c8rc*", "phpunit.xml*", ".rspec", "nextest.toml",
        "tarpaulin.toml", ".tarpaulin.toml",
    ),
    "how Python starts": (
        "sitecustomize.py", "usercustomize.py", "*.pth", "*._pth", "*.egg-link", "pyvenv.cfg", ".venv",
        "venv",
    ),
    # With the checkout first on `sys.path`, a module of such a name is the one that runs the tests.
    "what runs the tests": (
        "pytest", "pytest.py*", "pytest.*so", "_pytest", "_pytest.py*", "_pytest.*so", "pluggy",
        "pluggy.py*", "pluggy.*so", "iniconfig", "iniconfig.py*", "iniconfig.*so", "xdist", "xdist.py*",
        "xdist.*so", "py.py*", "py.*so", "codegate_report*",
    ),
    "what is built and run by itself": (
        "Makefile", "GNUmakefile", "BSDmakefile", "*.mk", "justfile", ".justfile", "Taskfile.y*ml",
        "magefile.go", "dodo.py", "fabfile.py", "Earthfile", "Tiltfile", "skaffold.yaml", "Vagrantfile",
        "Procfile", "ansible.cfg", ".envrc", ".env", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml",
        "prek.toml", "lefthook*.y*ml", ".lefthook*", ".overcommit.yml", ".husky", ".huskyrc*", ".githooks",
        ".lintstagedrc*", "lint-staged.config.*", ".simple-git-hooks*", ".github", ".gitlab-ci.yml",
        ".gitlab", ".gitea", ".forgejo", ".ci", ".circleci", ".travis.yml", ".cirrus.*",
        "azure-pipelines*.yml", "bitbucket-pipelines.yml", "appveyor.yml", ".appveyor.yml", ".drone.yml",
        ".woodpecker*", "Jenkinsfile*", ".semaphore", ".teamcity", "cloudbuild.y*ml", "buildspec.y*ml",
        "codemagic.yaml", ".readthedocs.y*ml", ".buildkite", "renovate.json*", ".renovaterc*",
        "dependabot.yml", ".mergify.yml", ".kodiak.toml", "release-please-config.json", ".releaserc*",
        "release.config.*", ".goreleaser.y*ml", "dangerfile*", "vercel.json", "netlify.toml", "fly.toml",
        "Dockerfile*", "*.dockerfile", "Containerfile*", ".dockerignore", "docker-compose*.y*ml",
        "docker-bake.*", "compose.y*ml", ".devcontainer", ".devcontainer.json", ".vscode", ".idea",
        ".fleet", ".zed", "CODEOWNERS", "SECURITY.md",
    ),
    "coding agents": (
        "AGENTS.md", "AGENTS.*.md", ".agents", "AGENT.md", "CLAUDE.md", "CLAUDE.*.md", ".claude",
        ".mcp.json", "mcp.json", "SKILL.md", "GEMINI.md", ".gemini", "QWEN.md", ".qwen", ".codex",
        ".cursor", ".cursorrules", ".cursorignore", ".windsurf", ".windsurfrules", ".clinerules*", ".roo",
        ".roorules*", ".roomodes", ".continue", ".aider*", ".junie", ".kiro", ".amazonq", ".augment*",
        ".goosehints", ".opencode", "opencode.json*", "crush.json", ".trae", ".ruler", ".rules",
        "copilot-instructions.md",
    ),
    "which packages are installed": (
        "requirements*.txt", "requirements*.in", "constraints*.txt", "requirements/**", "Pipfile", "*.lock",
        "*.lockb", "*.lockfile", "*-lock.json", "*-lock.y*ml", "npm-shrinkwrap.json", "packages.lock.json",
        "Package.resolved", "go.sum", "go.work.sum", "vendor/modules.txt", "pylock*.toml",
        "environment.y*ml", "environment-*.y*ml",
    ),
}  # fmt: skip
