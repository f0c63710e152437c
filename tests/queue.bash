# queue.bash - helpers for files about lib/queue; load it after helpers and rq

queue_setup_file() {
	start_redis
	export DRIVER=${PL_TEST_TREE:-$PL_TEST_ROOT/build}/tests/queue_driver
	[ -x "$DRIVER" ] || make -s -C "$PL_TEST_ROOT" "$DRIVER"
	export JOB=11111111-1111-4111-8111-111111111111
}

queue_setup() {
	redis flushall >/dev/null
	plain=
	started=
}

queue_teardown() {
	local pid
	for pid in $started; do
		end_pid "$pid" KILL
	done
}

setup_file() {
	queue_setup_file
}

setup() {
	queue_setup
}

teardown() {
	queue_teardown
}

# drive LINE...: run a driver with these commands; print its answers.
drive() {
	printf '%s\n' "$@" | "$DRIVER" ${plain:+-p} "$PL_REDIS_URL"
}

# task N: the id of task N.
task() {
	printf '00000000-0000-4000-8000-%012x' "$1"
}

# long_driver [URL]: start a driver that keeps running, for ask.
long_driver() {
	coproc LONG { exec "$DRIVER" "${1:-$PL_REDIS_URL}" 3>&-; }
	started=$LONG_PID
}

# ask LINE: give the long driver a command; sets answer, within some seconds.
ask() {
	echo "$1" >&"${LONG[1]}"
	# shellcheck disable=SC2034
	read -r -t 20 answer <&"${LONG[0]}"
}

# claim WORKER QUEUES [MAX]: sets claims, one "QUEUE ID EXECUTION" each.
claim() {
	local words
	claims=()
	while read -r -a words; do
		[ "${words[0]}" != claim ] ||
			claims+=("${words[1]} ${words[2]} ${words[3]}")
	done < <(drive "claim $*")
}

# lapse QUEUE: make every lease and wip entry of the queue 100 s older.
lapse() {
	older "pl:lease:$1" "rq:wip:$1"
}

# older KEY...: make all members of these sorted sets 100 s older.
older() {
	redis eval 'for _, key in ipairs(KEYS) do
		for _, member in ipairs(redis.call("ZRANGE", key, 0, -1)) do
			redis.call("ZINCRBY", key, -100, member)
		end
	end' $# "$@" >/dev/null
}

# Fail if a key is left that no settled job may leave behind.
nothing_held() {
	local key
	for key in $(redis keys '*'); do
		case $key in
		rq:wip:* | pl:lease:* | rq:execution*:* | *:intermediate* | \
			*:executions | pl:inter:*)
			echo "left behind: $key" && return 1
			;;
		esac
	done
}
