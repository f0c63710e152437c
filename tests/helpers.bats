# The helpers that the other files use.
load helpers

setup_file() {
	start_postgres
	start_redis
}

@test "postgres answers on a unix socket, to a role that is not a superuser" {
	[ "$(db 'select current_user')" = pl ]
	[ "$(db 'select rolsuper from pg_roles where rolname = current_user')" = f ]
	[ "$(db 'show listen_addresses')" = "" ]
	db 'create schema pl' && db 'drop schema pl'
}

@test "redis answers on a unix socket" {
	[ "$(redis ping)" = PONG ]
	[ "$(redis config get port | tail -n 1)" = 0 ]
}

@test "postgres keeps its data over an immediate restart" {
	db 'create table kept as select 1'
	restart_postgres immediate
	[ "$(db 'select count(*) from kept')" = 1 ]
}

@test "redis forgets its data over a restart" {
	redis set key value
	restart_redis KILL
	[ "$(redis exists key)" = 0 ]
}

@test "empty_servers leaves nothing behind" {
	db 'create schema pl; create table pl.t()'
	redis set key value
	empty_servers
	[ "$(db "select count(*) from pg_namespace where nspname = 'pl'")" = 0 ]
	[ "$(redis dbsize)" = 0 ]
}

@test "wait_until gives up and says what never happened" {
	run wait_until 1 false
	[ "$status" -eq 1 ]
	[ "$output" = "never happened: false" ]
}

@test "a stopped server is gone, and comes back at the same address" {
	stop_postgres
	run ! db 'select 1'
	stop_redis
	run ! redis ping
	start_postgres
	start_redis
	db 'select 1'
	redis ping
}

@test "the pooler stands in front of postgres in transaction mode" {
	start_pgbouncer
	[ "$(db 'select current_user')" = pl ]
}

@test "both Pythons with RQ reach the throwaway redis" {
	for python in rq_python rq2_python; do
		$python -c '
import redis, rq, sys
connection = redis.from_url(sys.argv[1])
print(rq.VERSION, rq.Queue("q", connection=connection).count)
' "$PL_REDIS_URL"
	done
}
