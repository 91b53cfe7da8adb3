#!/bin/sh
# The first example of docs/adding-a-plotter.md: one plot a process, that is copied to its destination.
while [ $# -gt 0 ]; do
  case $1 in
    --tmp) temp=$2 ;;
    --out) dest=$2 ;;
    -k) k=$2 ;;
    *) echo "ERROR: unknown option $1"; exit 64 ;;
  esac
  shift 2
done
name=plot-k$k-$(date +%Y-%m-%d-%H-%M)-$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
echo "plot name $name"
for part in 1 2 3 4; do
  echo "part $part" >>"$temp/$name.part" || { echo "ERROR: no room in $temp"; exit 1; }
  echo "$((part * 25)) %"
done
echo "copying"
mv "$temp/$name.part" "$dest/$name.plot.tmp" && mv "$dest/$name.plot.tmp" "$dest/$name.plot" || exit 1
echo "wrote $dest/$name.plot"
