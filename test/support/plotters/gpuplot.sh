#!/bin/sh
# The second example of docs/adding-a-plotter.md: several plots in a process, each copied while the next one is made.
# On SIGTERM it ends after the plot that it makes.
trap 'last=yes' TERM
targets=
while [ $# -gt 0 ]; do
  case $1 in
    -n) count=$2 ;;
    -C) level=$2 ;;
    -t) temp=$2 ;;
    -d) targets="$targets $2" ;;
    *) echo "unknown option $1"; exit 64 ;;
  esac
  shift 2
done
set -- $targets
echo "Setup took 8 sec"
n=1
before=
while [ "$n" -le "$count" ]; do
  echo "Crafting plot $n of $count"
  id=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  name=plot-k32-c0$level-$(date +%Y-%m-%d-%H-%M)-$id
  echo "Plot Name: $name"
  # The plot before is on its way meanwhile.
  if [ -n "$before" ]; then
    mv "$temp/$before" "$1/$before.tmp" && mv "$1/$before.tmp" "$1/$before" && echo "Copy to $1/$before finished"
    set -- "$@" "$1"; shift
  fi
  echo "[P1] Table 7 took 0.2 sec"
  echo "plot $n" >"$temp/$name.plot" || exit 1
  echo "[P3] Table 7 took 0.1 sec"
  before=$name.plot
  [ -z "$last" ] || break
  n=$((n + 1))
done
mv "$temp/$before" "$1/$before.tmp" && mv "$1/$before.tmp" "$1/$before" && echo "Copy to $1/$before finished"
