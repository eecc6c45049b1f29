#!/bin/sh
# A phone provisioned by a shell programmer: fetch, merge, compare, replace. The URL has no placeholders, since filling
# them in would take more programs.
#
# script.sh MERGE STYLESHEET PROVISION CONFIG EFFECTIVE
#
# MERGE is `xsltproc`, or `cat` where there is none: what came is then taken as it is.
set -eu
umask 077
merge=$1 stylesheet=$2 provision=$3 config=$4 effective=$5

answer=$effective.answer
temporary=$effective.tmp
url=$(sed -n 's:.*<base_url>\(.*\)</base_url>.*:\1:p' "$provision")
if ! curl -q -sf --max-time 10 -o "$answer" "$url"; then
    # What came last has to do.
    test -s "$effective"
    exit
fi
case $merge in
xsltproc) xsltproc --stringparam answer "$answer" -o "$temporary" "$stylesheet" "$config" ;;
cat) cat "$answer" >"$temporary" ;;
esac
if cmp -s "$temporary" "$effective"; then
    rm "$temporary"
    exit
fi
sync "$temporary"
mv "$temporary" "$effective"
sync "${effective%/*}"
