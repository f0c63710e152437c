# rq.bash - real RQ as the other end of the queue; after helpers

peer() {
	rq_python "$PL_TEST_ROOT/tests/rq_peer.py" "$@"
}

peer2() {
	rq2_python "$PL_TEST_ROOT/tests/rq_peer.py" "$@"
}

# for_each_rq COMMAND...: for the system's RQ, with the wip format it reads, and
# for RQ 2; the file's start_again in between.
for_each_rq() {
	need_rq
	python=peer python_rq=rq_python wip=execution plain=
	[ "$rq_major" -ge 2 ] || wip=plain plain=-p
	echo "RQ $rq_major, $wip"
	"$@"
	[ "$rq_major" -lt 2 ] || return 0
	start_again
	# shellcheck disable=SC2034
	python=peer2 python_rq=rq2_python wip=execution plain=
	echo "RQ 2"
	"$@"
}

# cli ARGUMENT...: RQ's own commands.
cli() {
	"$python_rq" -m rq.cli "$@" -u "$PL_REDIS_URL"
}

status_of() {
	redis hget "rq:job:$1" status
}
