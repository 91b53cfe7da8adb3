#!/bin/sh
# A plotter with MadMax's arguments and words that goes on only when it may: phase N ends once the file N, or the file
# "all", is in the directory $STEPS. So a test can hold it wherever it likes.
while [ $# -gt 0 ]; do
  case $1 in
    -t) tmp=${2%/} ;;
    -d) dest=${2%/} ;;
  esac
  shift
done
id=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
name=plot-k32-2026-01-02-03-04-$id
may() { until [ -e "$STEPS/$1" ] || [ -e "$STEPS/all" ]; do sleep 0.02; done; }

echo "Process ID: $$"
echo "Plot Name: $name"
echo working >"$tmp/$name.p1.tmp" || exit 1
for table in 1 2 3 4 5 6; do echo "[P1] Table $table took 1 sec"; done
may 1
echo "[P1] Table 7 took 1 sec, found 1 matches"
echo "Phase 1 took 7 sec"
may 2
echo "Phase 2 took 1 sec"
may 3
echo "Phase 3 took 1 sec"
may 4
echo "Phase 4 took 1 sec, final plot size is 5 bytes"
echo "Total plot creation time was 10 sec (0.1 min)"
may 5
echo plot >"$dest/$name.plot.tmp" && mv "$dest/$name.plot.tmp" "$dest/$name.plot" || exit 1
echo "Renamed final plot to $dest/$name.plot"
rm -f "$tmp/$name.p1.tmp"
