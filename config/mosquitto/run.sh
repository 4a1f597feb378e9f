#!/bin/sh
# Mosquitto, told to read its password file again whenever the hub has changed it:
#
#   sh config/mosquitto/run.sh CONFIGURATION PASSWORDS
#
# Agents that enrol get their login this way, and whoever loses it is dropped. Under systemd, a path unit that runs
# `systemctl reload mosquitto` does the same (README, deployment).
set -u
configuration=$1
passwords=$2

state() { cksum < "$passwords" 2>/dev/null; }

seen=$(state)
mosquitto -c "$configuration" &
broker=$!
# A shell ends its wait when a signal comes, and passes nothing on by itself.
trap 'kill -TERM "$broker" 2>/dev/null' TERM INT
while kill -0 "$broker" 2>/dev/null; do
  sleep 1 &
  wait $!
  now=$(state)
  [ "$now" = "$seen" ] && continue
  seen=$now
  kill -HUP "$broker" 2>/dev/null
done
wait "$broker"
