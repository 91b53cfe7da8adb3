#!/bin/sh
# A plotter of plot groups, such as none is public yet: it makes the plots of a group one after the other in its
# temporary directory, then merges them into one file, and frees each plot's temporary file as it goes.
# Where the environment has $STEPS, it merges only once the file "merge" is in that directory, and the second half once
# "rest" is there.
[ "$1" = group ] || { echo "unknown command $1" >&2; exit 64; }
shift
while [ $# -gt 0 ]; do
  case $1 in
    --k=*) k=${1#--k=} ;;
    -t) temp=$2; shift ;;
    -d) dest=$2; shift ;;
    -m) group=$2; shift ;;
    -i) id=$2; shift ;;
    --count) count=$2; shift ;;
    --bytes) bytes=$2; shift ;;
    *) echo "unknown word $1" >&2; exit 64 ;;
  esac
  shift
done
may() { [ -z "$STEPS" ] || until [ -e "$STEPS/$1" ]; do sleep 0.02; done; }

name=plot-k$k-$group-$id
echo "Group $name"
n=1
while [ "$n" -le "$count" ]; do
  head -c "$bytes" /dev/urandom >"$temp/$n.part" || exit 1
  echo "plot $n of $count"
  n=$((n + 1))
done
may merge
echo "merging"
target=$dest/$name.gplot
printf '%1000s' "$name" >"$target.tmp" || exit 1
n=1
while [ "$n" -le "$count" ]; do
  [ "$n" -ne $((count / 2 + 1)) ] || may rest
  cat "$temp/$n.part" >>"$target.tmp" || { echo "no room in $dest"; exit 1; }
  rm "$temp/$n.part"
  echo "merged $n of $count"
  n=$((n + 1))
done
mv "$target.tmp" "$target" || exit 1
echo "Wrote $name.gplot"
