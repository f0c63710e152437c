#!/bin/sh
# stage-by-stage.sh [CRAWL]: run all stages, one at a time.
#
# The first half needs no server. The second half runs if PL_DATABASE_URL and
# PL_REDIS_URL name servers ("eval $(pl env)" after "pl up" sets both). The
# output of each stage is left in ./stages.
#
# Status 3 means "finished, but some records were refused": two pages of the
# example crawl are broken on purpose, so it is not a reason to stop.
set -eu
crawl=${1:-$(dirname "$0")/crawl.json}

step() {
	echo "-- $*" >&2
	"$@" || [ $? -eq 3 ]
}

# How many records of each type a file holds.
count() {
	jq -r .type "$1" | sort | uniq -c | sed "s|^|   $1: |"
}

mkdir -p stages

echo "== without servers"

step pl-ingest --source handbook "$crawl" >stages/documents
count stages/documents
echo "   refused:"
jq -r 'select(.type == "error") | "     \(.url): \(.message)"' stages/documents

step pl-chunk <stages/documents >stages/chunks
count stages/chunks
echo "   a chunk, and what stands above it:"
jq -r 'select(.type == "chunk" and .title == "Retention")
	| "     \(.headings | join(" > "))\n\(.text)"' stages/chunks | head -n 6

step pl-embed <stages/chunks >stages/vectors
count stages/vectors
jq -r 'select(.type == "chunk")
	| "   made by \(.model), \(.embedding | length) numbers each"' \
	stages/vectors | sort -u

[ -n "${PL_DATABASE_URL:-}" ] || {
	echo "== PL_DATABASE_URL is not set: that is all without servers"
	exit 0
}

echo "== into Postgres, without a queue"

step pl-jobctl init
step pl-store <stages/vectors >stages/stored
count stages/stored
step pl-search -k 3 'bring back a single file'

[ -n "${PL_REDIS_URL:-}" ] || {
	echo "== PL_REDIS_URL is not set: that is all without a queue"
	exit 0
}

echo "== with a job, a queue and a worker"

# --all: the documents were stored a moment ago, so they are unchanged.
step pl-enqueue --source handbook --all <stages/documents >stages/job
job=$(jq -r 'select(.type == "job").id' stages/job)

step pl-worker --burst -- 'pl-chunk | pl-embed | pl-store'
step pl-jobctl status "$job"
echo "   failed, by name:"
pl-jobctl documents "$job" --failed | jq -r '"     \(.url)"'
