#!/usr/bin/env bash
# bench_broker [--small] [PART…]: the broker's figures beside their aims, and beside Redis and dbus-broker where they are
# installed; then the three scenarios of KB 2847346 in full. Parts: owners, slices, deaths, sessions, watches, codec,
# s1, s2, s3.
# --small: everything once, in a minute, for a look at whether it still works.
set -euo pipefail

bin=$(cd "$(dirname "$0")/.." && pwd)
. "$bin/bench/isolated.sh"

# dbus-broker's launcher logs to the journal, and there may be none: for its eyes alone.
mkdir -p /run/systemd
mount -t tmpfs tmpfs /run/systemd
mkdir -p /run/systemd/journal /run/systemd/tmp
# Sockets and configurations go with this mount, whichever way we end.
export TMPDIR=/run/systemd/tmp

exec "$bin/bench/broker_figures" "$@"
