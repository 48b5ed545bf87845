#!/bin/sh
# Ends every process of one local stack, also those that its services started and left, such as Spark steps.
# They are known by TIDEMARK_LOCAL_STACK=ID in their environment, which children inherit.
#
#   sweep.sh ID [FILE...]          ends them now, and removes the files that they leave
#   sweep.sh --watch ID [FILE...]  first waits until its standard input ends, which it does when the process that holds the
#                                  other end dies in whatever way; the line "release" makes it leave everything alone
#
# Exit code 1: some are still there.

marked() {
  if [ -r /proc/self/environ ]; then
    grep -laF "TIDEMARK_LOCAL_STACK=$id" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
  else
    table=$(ps -A -E -ww -o pid= -o command=)
    printf '%s\n' "$table" | grep -F "TIDEMARK_LOCAL_STACK=$id" | awk '{ print $1 }'
  fi
}

if [ "$1" = --watch ]; then
  read -r word
  [ "$word" = release ] && exit 0
  shift
fi
id=$1
[ -n "$id" ] || exit 2
shift

# PostgreSQL cleans up after itself when it is asked to end, but not when it is killed.
pids=$(marked)
[ -n "$pids" ] && kill -TERM $pids 2>/dev/null
rounds=0
while pids=$(marked) && [ -n "$pids" ]; do
  rounds=$((rounds + 1))
  [ "$rounds" -gt 10 ] && kill -KILL $pids 2>/dev/null
  [ "$rounds" -gt 60 ] && exit 1
  sleep 0.1
done
rm -f -- "$@"
