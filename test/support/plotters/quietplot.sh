#!/bin/sh
# The third example of docs/adding-a-plotter.md: it says nothing, and names its file itself.
[ "$1" = create ] || exit 64
index=$3 seed=$5
cd "$7" || exit 1
printf 'plot %s' "$index" >"plot_28_${index}_$seed.bin" || exit 1
