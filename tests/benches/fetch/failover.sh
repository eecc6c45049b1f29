#!/bin/sh
# The first configuration of several servers, as an operator would write it: one after the other, with limits of time, and
# a look at what came, since a login page is an answer too.
#
# failover.sh TARGET AUTHORITY URL…
#
# AUTHORITY is a file for https, or empty.
target=$1 authority=$2
shift 2
for url; do
    if curl -q -sf --connect-timeout 5 --max-time 10 ${authority:+--cacert "$authority"} -o "$target" "$url" &&
        grep -q '<options' "$target"; then
        exit
    fi
done
exit 1
