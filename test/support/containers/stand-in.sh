#!/usr/bin/env bash
# Makes a local image under the name of an official one, from Debian's and npm's packages, for machines that reach
# no container registry. Of what the official one has, it has what matters here.
#
#   stand-in.sh IMAGE DIRECTORY MIRROR
set -euo pipefail
image=$1 root=$2/root mirror=$3
PATH=$PATH:/usr/sbin:/sbin

debian() {
  debootstrap --variant=minbase ${2:+--include="$2"} "$1" "$root" "$mirror" >&2
  rm -rf "$root"/var/{cache/apt,lib/apt/lists}/* "$root"/usr/share/{man,locale,doc}/*
  # As in the official images: apt leaves neither packages nor indexes behind.
  cat >"$root/etc/apt/apt.conf.d/docker-clean" <<'APT'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT
  # No service starts while an image is made.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod +x "$root/usr/sbin/policy-rc.d"
}

# Node's own program and npm both come as packages of npm's registry.
node() {
  local packages=$root/../npm authorities
  npm install --silent --no-audit --no-fund --prefix "$packages" "node-linux-$(command node -p process.arch)@$1" npm@11
  cp "$packages"/node_modules/node-linux-*/bin/node "$root/usr/local/bin/"
  mkdir -p "$root/usr/local/lib/node_modules" "$root/usr/local/etc"
  cp -r "$packages/node_modules/npm" "$root/usr/local/lib/node_modules/"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  # Whom this machine's npm trusts, the image's trusts too; other programs there don't, as in the official image.
  authorities=$(npm config get cafile)
  if [ -f "$authorities" ]; then
    cp "$authorities" "$root/usr/local/etc/authorities.pem"
    echo cafile=/usr/local/etc/authorities.pem >"$root/usr/local/etc/npmrc"
  fi
  chroot "$root" groupadd --gid 1000 node
  chroot "$root" useradd --uid 1000 --gid 1000 --create-home node
}

case $image in
  node:24-trixie-slim)
    debian trixie
    node 24
    start=node
    ;;
  eclipse-mosquitto:2)
    debian trixie mosquitto,mosquitto-clients
    ln -sf /usr/sbin/mosquitto "$root/usr/bin/mosquitto"
    install -d -o "$(awk -F: '$1 == "mosquitto" { print $3 }' "$root/etc/passwd")" "$root/mosquitto/data"
    start=mosquitto
    ;;
  *)
    echo "no stand-in is known for $image" >&2
    exit 2
    ;;
esac
tar --create --directory "$root" --numeric-owner . | docker import --change "CMD [\"$start\"]" --change 'LABEL stand-in=true' - "$image" >&2
