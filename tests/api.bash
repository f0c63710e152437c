# api - an embedding API on this machine, for the bats files

# start_api [OPTION...]: the test server, its folder in $api.
start_api() {
	api=$BATS_TEST_TMPDIR/api
	mkdir -p "$api"
	/usr/bin/python3 "$PL_TEST_ROOT/tests/embedding_server.py" "$api" "$@" \
		>"$api/out" 2>&1 3>&- 4>&- </dev/null &
	server_pid=$!
	wait_until 20 test -s "$api/port"
	OPENAI_BASE_URL=http://127.0.0.1:$(cat "$api/port")/v1
	PL_EMBED_PROVIDER=openai
	export OPENAI_BASE_URL PL_EMBED_PROVIDER
}

# For teardown.
stop_api() {
	[ -z "${server_pid:-}" ] || kill "$server_pid" 2>/dev/null || true
}
