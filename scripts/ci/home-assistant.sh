#!/usr/bin/env bash
# Installs a Home Assistant for the end-to-end tests: about 1.5 GB, a minute and a half the first time. Where it goes
# is HOME_ASSISTANT_DIR, by default ~/.cache/plot2mqtt-ha; what is there is kept.
#
# It needs Python 3.14. Where the machine has none, that of a newer Debian is unpacked beside it, and takes the place
# of /usr for the processes of Home Assistant alone (test/support/homeassistant/inside.sh): Debian or Ubuntu, as root.
# Elsewhere the tests run with any Home Assistant that HOME_ASSISTANT_URL and HOME_ASSISTANT_TOKEN lead to.
set -euo pipefail
support=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../test/support/homeassistant" && pwd)
export HOME_ASSISTANT_DIR=${HOME_ASSISTANT_DIR:-$HOME/.cache/plot2mqtt-ha}
VERSION=${HOME_ASSISTANT_VERSION:-2026.11.*}
SUITE=forky

mkdir -p "$HOME_ASSISTANT_DIR"
cd "$HOME_ASSISTANT_DIR"
# Two runs at once: the second waits, and finds it done.
exec 9>.lock
flock 9

in_place() { "$support/inside.sh" "$@"; }

unpack_debian() {
  [ -x debian/usr/bin/python3.14 ] && return
  [ "$(id -u)" -eq 0 ] || { echo 'Without Python 3.14 this must run as root: it unpacks a Debian that has it.' >&2; exit 1; }
  command -v debootstrap >/dev/null || {
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends debootstrap
  }
  local suite mirror
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --no-release-info --format '$(SITE)' 'Created-By: Packages' "Release: $suite" | head -n 1)
  [ -n "$mirror" ] || { echo 'apt knows no Debian mirror to unpack a newer Debian from.' >&2; exit 1; }
  # g++ builds what has no wheel for this Python yet. Made aside: what is interrupted is not taken for whole.
  rm -rf debian.part
  debootstrap --variant=minbase --include=ca-certificates,g++,libturbojpeg0,python3.14-dev,python3.14-venv \
    "$SUITE" debian.part "$mirror" /usr/share/debootstrap/scripts/sid
  rm -rf debian debian.part/var/cache/apt debian.part/var/lib/apt/lists
  mv debian.part debian
}

install_home_assistant() {
  rm -rf venv
  in_place python3.14 -m venv venv
  # uv takes seconds where pip takes minutes, but has to be told of pip's index.
  in_place venv/bin/pip install --quiet uv
  local index
  index=$(pip config get global.index-url 2>/dev/null || true)
  install() {
    in_place env ${index:+UV_DEFAULT_INDEX="$index"} UV_NO_CACHE=1 venv/bin/uv pip install --quiet --python venv/bin/python "$@"
  }
  install "homeassistant==$VERSION"
  # Otherwise it would fetch at its first start what its integrations want.
  in_place venv/bin/python "$support/requirements.py" >venv/requirements.txt
  install --requirements venv/requirements.txt \
    --constraints "$(echo venv/lib/python3*/site-packages/homeassistant/package_constraints.txt)"
  echo "$VERSION" >venv/.installed
}

if [ "$(cat venv/.installed 2>/dev/null)" != "$VERSION" ]; then
  command -v python3.14 >/dev/null || unpack_debian
  install_home_assistant
fi
echo "Home Assistant $(in_place venv/bin/hass --version) is in $HOME_ASSISTANT_DIR"
