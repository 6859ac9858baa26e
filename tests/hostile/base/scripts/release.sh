#!/bin/sh
set -eu
python -m build
