#!/usr/bin/env bash
# Runs a command with the Python that Home Assistant was installed with: if that is the one of a Debian beside this
# machine's, its /usr is mounted over ours, for this command and its children only.
set -euo pipefail
# Compiled once, not at each of many starts: container images like to forbid that Python keeps what it compiles.
unset PYTHONDONTWRITEBYTECODE
usr=$HOME_ASSISTANT_DIR/debian/usr
[ -d "$usr" ] || exec "$@"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
# shellcheck disable=SC2016
exec unshare --mount bash -c 'mount --bind "$0" /usr && exec "$@"' "$usr" "$@"
