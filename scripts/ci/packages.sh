#!/usr/bin/env bash
# Installs what tests need beside Node.js, where it isn't there: `packages.sh quick` what `npm test` needs, a broker and
# tools of the system; `packages.sh` all that .ci/run needs. Works as root, and with sudo elsewhere.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

# command or check | package of Debian and Ubuntu
quick_needs() {
  cat <<'NEEDS'
command -v git|git
command -v openssl|openssl
command -v mosquitto|mosquitto
command -v mosquitto_pub|mosquitto-clients
command -v setpriv|util-linux
command -v taskset|util-linux
command -v ps|procps
NEEDS
}

more_needs() {
  cat <<'NEEDS'
python3 -c "import ensurepip, venv"|python3-venv
command -v systemd-nspawn|systemd-container
command -v dbus-daemon|dbus
command -v dockerd|docker.io
command -v debootstrap|debootstrap
if docker compose version; then :; else command -v docker-compose; fi|docker-compose
command -v chromium || command -v google-chrome|chromium
[ "$(uname)" != Linux ] || fc-list | grep -qi liberation|fonts-liberation
NEEDS
}

needs() {
  quick_needs
  [ "${1-}" = quick ] || more_needs
}

missing=()
while read -r line; do
  # The last bar is the separator: checks may have bars of their own.
  bash -c "${line%|*}" >/dev/null 2>&1 </dev/null || missing+=("${line##*|}")
done < <(needs "$@")
if [ ${#missing[@]} -eq 0 ]; then
  echo 'Everything is there.'
  exit 0
fi

as_root() {
  if [ "$(id -u)" -eq 0 ]; then env DEBIAN_FRONTEND=noninteractive "$@"; else sudo -n env DEBIAN_FRONTEND=noninteractive "$@"; fi
}
echo "Missing: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "Install them with this system's package manager (macOS: brew install mosquitto), then try again." >&2
  exit 1
fi
as_root apt-get update -q
# A broker of the system's own must not take the port that tests of the defaults look at.
as_root apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null
