#!/bin/bash
set -euo pipefail
f() { local -a x=("$@"); [[ ${x[*]} =~ ^a+$ && -n ${1:-} ]] || return 1; }
case $1 in a|b) f ;;& *) : ;; esac
cat <<-'EOF' | while IFS= read -r l; do echo "${l//a/\\b}"; done
	text $(
	EOF
for file do echo "$((1 + 2)) $(f "$(g)")" >&2; done < <(ls)
