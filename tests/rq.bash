# rq.bash - real RQ as the other end of the queue; load it after helpers

peer() {
	rq_python "$PL_TEST_ROOT/tests/rq_peer.py" "$@"
}

peer2() {
	rq2_python "$PL_TEST_ROOT/tests/rq_peer.py" "$@"
}

peer_newest() {
	"$(newest_tree)/usr/bin/python3" "$PL_TEST_ROOT/tests/rq_peer.py" "$@"
}

rq_newest_python() {
	"$(newest_tree)/usr/bin/python3" "$@"
}

# for_each_rq COMMAND...: run it with the system's RQ and the wip format that it
# reads, with RQ 2, and with the newest RQ and Valkey instead of Redis. The
# file's start_again runs in between.
for_each_rq() {
	need_rq
	python=peer python_rq=rq_python wip=execution plain=
	[ "$rq_major" -ge 2 ] || wip=plain plain=-p
	echo "RQ $rq_major, $wip"
	"$@"
	if [ "$rq_major" -lt 2 ]; then
		start_again
		python=peer2 python_rq=rq2_python wip=execution plain=
		echo "RQ 2"
		"$@"
	fi
	start_valkey
	start_again
	# shellcheck disable=SC2034
	python=peer_newest python_rq=rq_newest_python wip=execution plain=
	echo "the newest RQ, and Valkey"
	"$@"
}

# cli ARGUMENT...: RQ's own commands.
cli() {
	"$python_rq" -m rq.cli "$@" -u "$PL_REDIS_URL"
}

status_of() {
	redis hget "rq:job:$1" status
}
