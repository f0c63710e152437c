# pl-jobctl doctor: what is wrong with the configuration, and what mends it

load helpers
load cases
load jobs

admin() {
	PGOPTIONS='-c default_transaction_read_only=off' \
		psql -Xq -v ON_ERROR_STOP=1 -c "$1" "$PL_TEST_ADMIN_URL"
}

# finds COMPONENT WORDS: doctor has exactly this one finding.
finds() {
	local found
	run --separate-stderr pl-jobctl doctor
	echo "$output"
	found=$(jq -r 'select(.state != "ok") | .component + ": " + .message' \
		<<<"$output")
	[ "$(wc -l <<<"$found")" -eq 1 ]
	[[ $found == "$1: "*"$2"* ]]
}

all_is_well() {
	run -0 --separate-stderr pl-jobctl doctor
	echo "$output"
	[ "$(jq -r 'select(.state != "ok")' <<<"$output")" = '' ]
	[ -z "$stderr" ]
}

stored_notes() {
	numbered 2
	pl-worker --burst >results
}

@test "an unknown option, a full disk and a closed pipe are as everywhere" {
	unknown_option pl-jobctl doctor
	full_disk pl-jobctl doctor
	no_reader pl-jobctl doctor
}

@test "a clean installation has no finding, before and after the first documents" {
	all_is_well
	stored_notes
	all_is_well
	[ "$(jq -r 'select(.component == "provider").message' <<<"$output")" = \
		'collection default: a search works' ]
	run -0 pl-jobctl doctor --no-probe
	[[ $output != *provider* ]]
	run -0 pl-jobctl doctor --table
	[[ $output == *"row security"*ok* ]]
}

@test "a clean installation has no finding for a worker and a reader either" {
	stored_notes
	for kind in worker reader; do
		psql -Xq "$PL_TEST_ADMIN_URL" -c "do \$\$ begin
			create role a_$kind login; exception
			when duplicate_object then null; end \$\$"
		pl-jobctl grant "a_$kind" --as "$kind" >roles
		PL_DATABASE_URL=${PL_DATABASE_URL/pl@/a_$kind@} all_is_well
	done
	# Planted: a right that is missing, and a role that was not admitted.
	db 'revoke update on pl.tasks, pl.jobs from a_worker'
	PL_DATABASE_URL=${PL_DATABASE_URL/pl@/a_worker@} finds rights \
		"worker a_worker has no right to update in pl.jobs (2 rights are missing): pl runs 'pl-jobctl grant a_worker --as worker'"
	psql -Xq "$PL_TEST_ADMIN_URL" -c "do \$\$ begin
		create role passing login bypassrls; exception
		when duplicate_object then null; end \$\$"
	db 'grant usage on schema pl to passing;
	    grant select on all tables in schema pl to passing'
	PL_DATABASE_URL=${PL_DATABASE_URL/pl@/passing@} finds rights \
		"role passing was not admitted: pl runs 'pl-jobctl grant passing --as KIND'"
}

@test "planted: rows and views that are open" {
	db 'alter table pl.jobs disable row level security'
	finds 'row security' "pl.jobs has no row-level security: 'alter table pl.jobs enable row level security'"
	[ "$status" -eq 1 ]
	db 'alter table pl.jobs enable row level security;
	    create policy everybody on pl.documents using (true)'
	finds 'row security' 'policy everybody opens pl.documents to everybody'
	[ "$status" -eq 0 ]
	db 'drop policy everybody on pl.documents;
	    alter view pl.job_accounts reset (security_invoker)'
	finds 'row security' 'view pl.job_accounts shows rows'
	db 'alter view pl.job_accounts set (security_invoker = true)'
	all_is_well
}

@test "planted: limits, temporary tables, and a read-only server" {
	admin "alter role pl set statement_timeout = '5s'"
	finds limits "statement_timeout is 5s"
	admin 'alter role pl reset statement_timeout'
	admin 'alter role pl set synchronous_commit = off'
	finds limits 'synchronous_commit is off'
	admin 'alter role pl reset synchronous_commit'
	admin 'revoke temporary on database pl from public'
	admin 'alter database pl owner to postgres'
	finds database "'grant temporary on database pl to pl'"
	admin 'grant temporary on database pl to public'
	admin 'alter database pl owner to pl'
	all_is_well
	admin 'alter database pl set default_transaction_read_only = on'
	finds postgres 'read-only'
	admin 'alter database pl reset default_transaction_read_only'
}

@test "planted: a chunk table that is gone, and a schema of another version" {
	stored_notes
	db 'drop table pl.chunks_default'
	run -1 pl-jobctl doctor
	[[ $output == *'collection default has no chunk table chunks_default'* ]]
	fresh_servers
	db 'insert into pl.schema_version values (999)'
	finds schema 'install the newer pl'
}

@test "planted: Redis drops keys, cannot save, and an old RQ works beside" {
	redis config set maxmemory-policy allkeys-lru
	finds redis 'set it to noeviction'
	redis config set maxmemory-policy noeviction
	redis hset rq:worker:grandpa version 1.15.1 python_version 3.11.2
	redis sadd rq:workers rq:worker:grandpa rq:w
	finds rq 'worker grandpa is of an RQ before 2.0'
	redis del rq:workers rq:worker:grandpa
	all_is_well
	# A folder has the name of the file.
	local dump
	dump=$(redis config get dir | tail -n 1)
	dump=$dump/$(redis config get dbfilename | tail -n 1)
	mkdir "$dump"
	redis config set stop-writes-on-bgsave-error no
	redis bgsave
	wait_until 10 save_failed
	finds redis 'its last save to disk failed'
	rmdir "$dump"
	redis save
}

no_transactions() {
	! pl-jobctl doctor >/dev/null 2>&1
}

save_failed() {
	redis info persistence | grep -q 'rdb_last_bgsave_status:err'
}

@test "planted: a pooler that pools statements" {
	local server_dir
	start_pgbouncer
	all_is_well
	need_server_dir
	sed -i 's/^pool_mode = .*/pool_mode = statement/' \
		"$server_dir/pgbouncer.ini"
	kill -HUP "$(cat "$server_dir/run/pgbouncer.pid")"
	wait_until 10 no_transactions
	finds postgres 'pool_mode = transaction'
}

@test "planted: a provider without a key, and one that is away" {
	stored_notes
	db "update pl.collections set query = '{\"provider\":\"openai\",
	    \"model\":\"text-embedding-3-small\"}'"
	OPENAI_API_KEY='' finds provider 'OPENAI_API_KEY'
	[ "$status" -eq 1 ]
	OPENAI_API_KEY=sk-proj-1234567890 OPENAI_BASE_URL=http://127.0.0.1:9/v1 \
		finds provider 'collection default: pl-search: '
	[[ $output != *1234567890* ]]
}
