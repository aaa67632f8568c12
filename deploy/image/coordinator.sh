#!/bin/sh
# Begins the run in the folder BITGIBBS_OUT, or goes on with the one that is there: what starts containers again needs one
# command for both. Flags and variables are those of `bitgibbs coordinator`.
set -eu
if [ -e "${BITGIBBS_OUT:?the folder of the run}/bitgibbs.json" ]; then
  export BITGIBBS_RESUME=true
fi
exec bitgibbs coordinator "$@"
