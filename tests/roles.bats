# Roles of Postgres: what a worker, an enqueuer, a reader and others may do

load helpers
load cases
load jobs

# role NAME [ATTRIBUTE]: make a role that may log in, with no rights.
role() {
	psql -Xq "$PL_TEST_ADMIN_URL" -c "do \$\$ begin create role $1 login;
		exception when duplicate_object then null; end \$\$" \
		-c "alter role $1 nobypassrls"
}

# as NAME COMMAND...: run it as this role.
as() {
	PL_DATABASE_URL=${PL_DATABASE_URL/pl@/$1@} "${@:2}"
}

# sql_as NAME SQL
sql_as() {
	psql -XAtqc "$2" "${PL_DATABASE_URL/pl@/$1@}"
}

# everybody: a role of each kind, and anon, who was granted what a hosted Postgres
# grants.
everybody() {
	local kind
	for kind in worker enqueuer reader; do
		role "a_$kind"
		pl-jobctl grant "a_$kind" --as "$kind" >roles
	done
	role anon
	db 'grant usage on schema pl to anon;
	    grant select on all tables in schema pl to anon'
}

@test "grant lists, changes and revokes roles" {
	role a_worker
	role 'other'
	run -0 pl-jobctl grant
	[ -z "$output" ]
	run -0 pl-jobctl grant a_worker --as worker
	[ "$(jq -c '[.type, .role, .kind, .bypasses_rls]' <<<"$output")" = \
		'["role","a_worker","worker",false]' ]
	run -0 pl-jobctl grant a_worker --as reader
	[ "$(jq -r .kind <<<"$output")" = reader ]
	db_is f "select has_table_privilege('a_worker', 'pl.tasks', 'update')"
	run -0 pl-jobctl grant other --as enqueuer
	[ "$(jq -r .role <<<"$output")" = "a_worker
other" ]
	run -0 pl-jobctl revoke a_worker
	[ "$(jq -r .role <<<"$output")" = other ]
	db_is f "select has_schema_privilege('a_worker', 'pl', 'usage')"
	db_is 0 "select count(*) from pg_policy p, unnest(p.polroles) as r
	    where r = 'a_worker'::regrole"
}

@test "grant refuses what cannot be, and says why" {
	refused "'nobody': the server has no such role" \
		pl-jobctl grant nobody --as reader
	refused "role 'pl' owns the schema" pl-jobctl grant pl --as reader
	role x
	misused "say a role and --as" grant x
	misused "say a role and --as" grant --as reader
	misused "--as 'admin'" grant x --as admin
	pl-jobctl grant x --as worker >/dev/null
	refused "only the owner of the schema, pl, may do this" as x pl-jobctl grant x --as worker
}

@test "an enqueuer enqueues, a worker stores, a reader finds; each no more" {
	everybody
	mkdir notes
	echo 'The walrus sleeps on ice.' >notes/a.md
	echo 'A hedgehog eats beetles.' >notes/b.md
	pl-ingest notes | as a_enqueuer pl-enqueue --source notes >job
	run -1 as a_enqueuer pl-worker --burst
	[[ $output == *"permission denied"* ]]
	as a_worker pl-worker --burst --name w >results
	db_is 2 'select count(*) from pl.stored_documents'
	db_is "pl|2" "select tableowner, (select count(*) from pl.chunks_default)
	    from pg_tables where tablename = 'chunks_default'"
	[ "$(as a_reader pl-search -k 1 walrus | jq -r .text)" = \
		'The walrus sleeps on ice.' ]
	as a_reader pl-jobctl status latest | grep -q completed
	as a_reader pl-jobctl verify
	as a_worker pl-jobctl sync
	as a_reader pl-jobctl metrics --prometheus >metrics
	grep -q '^pl_documents_total{source="notes",outcome="stored"} 2' metrics
	echo '{"url":"u","content":"A text."}' >document
	run -1 as a_reader pl-enqueue <document
	[[ $output == *"permission denied"* ]]
	run -1 as a_reader pl-jobctl cancel latest
	[[ $output == *"permission denied"* ]]
	# The next day: one page changed, one vanished, metadata follows.
	echo 'The walrus swims.' >notes/a.md
	rm notes/b.md
	pl-ingest notes | as a_enqueuer pl-enqueue --source notes --prune \
		--grace 0 --max-delete 100 >job
	as a_worker pl-worker --burst >results
	[ "$(as a_reader pl-search -k 1 walrus | jq -r .text)" = 'The walrus swims.' ]
	run -0 as a_worker pl-jobctl sync
	run -0 as a_worker pl-jobctl verify
	[ -z "$output" ]
}

@test "two collections, a failed document and a retry under a worker's role" {
	everybody
	numbered 4 --collection papers
	as a_worker pl-worker --burst --collection papers -- \
		'pl-chunk | pl-embed --dimensions 64 | pl-store' >results
	db_is 4 'select count(distinct document_id) from pl.chunks_papers'
	numbered 6 --all --collection default
	as a_worker pl-worker --burst -- 'pl-chunk | pl-embed | pl-store' >results
	db_is 6 'select count(distinct document_id) from pl.chunks_default'
	run -0 as a_worker pl-jobctl retry latest
	run -0 as a_worker pl-jobctl pause processing
	run -0 as a_worker pl-jobctl resume processing
	run -0 as a_worker pl-jobctl verify --fix
}

@test "nobody else sees a row, neither in tables nor in views" {
	everybody
	numbered 3
	pl-worker --burst >results
	tables=$(db "select format('pl.%I', relname) from pg_class where relkind in ('r', 'v')
	    and relnamespace = 'pl'::regnamespace order by 1")
	[[ $tables == *pl.job_accounts* && $tables == *pl.chunks_default* ]]
	for table in $tables; do
		[ "$table" != pl.chunks_default ] ||
			db 'grant select on pl.chunks_default to anon'
		[ "$(sql_as anon "select count(*) from $table")" = 0 ]
	done
	[ "$(sql_as a_reader 'select count(*) from pl.job_accounts')" = 1 ]
}

@test "a view of Postgres 14 shows rows to those only who may see them" {
	everybody
	numbered 3
	db "alter view pl.job_accounts reset (security_invoker);
	    select pl.protect_view('pl.job_accounts', 140000);
	    select pl.protect_view('pl.job_accounts', 140000)" >/dev/null
	db_is f "select 'security_invoker=true' = any(reloptions) is true from pg_class
	    where oid = 'pl.job_accounts'::regclass"
	[ "$(sql_as anon 'select count(*) from pl.job_accounts')" = 0 ]
	[ "$(sql_as a_reader 'select count(*) from pl.job_accounts')" = 1 ]
	db_is 1 'select count(*) from pl.job_accounts'
}

@test "a role that sees nothing is told so, with the remedy" {
	role guest
	refused "role guest has no rights on the pl schema: its owner runs 'pl-jobctl grant guest --as KIND'" \
		as guest pl-jobctl list
	db 'grant usage on schema pl to guest;
	    grant select on all tables in schema pl to guest'
	refused "row-level security hides the rows of the pl schema from role guest: its owner runs 'pl-jobctl grant guest --as KIND'" \
		as guest pl-jobctl list
	pl-jobctl grant guest --as reader >/dev/null
	run -0 as guest pl-jobctl list
	[ -z "$output" ]
}

@test "every function has a fixed search_path, every view asks as who asks" {
	db_is '' "select string_agg(oid::regprocedure::text, ' ') from pg_proc
	    where pronamespace = 'pl'::regnamespace and prosqlbody is null
	    and not 'search_path=pg_catalog, pg_temp' = any(coalesce(proconfig, '{}'))"
	db_is '' "select string_agg(relname, ' ') from pg_class where relkind = 'v'
	    and relnamespace = 'pl'::regnamespace
	    and not 'security_invoker=true' = any(coalesce(reloptions, '{}'))"
}

@test "a collection is made by a worker with no name but its own" {
	everybody
	for name in 'a"b' "a'; drop table pl.jobs; --" A '' "$(printf 'a%.0s' {1..41})"
	do
		run sql_as a_worker "select pl.create_chunks(\$q\$$name\$q\$, 'm', 8, 'l2')"
		[ "$status" -ne 0 ]
		[[ $output == *"not a collection"* ]]
	done
	run sql_as a_enqueuer "select pl.create_chunks('x', 'm', 8, 'l2')"
	[[ $output == *"permission denied for function create_chunks"* ]]
	run sql_as a_worker 'create table pl.mine ()'
	[[ $output == *"permission denied for schema pl"* ]]
	run sql_as a_worker "update pl.collections set pipeline = 'rm -r /'"
	[ "$status" -eq 0 ]
	sql_as a_worker "select pl.create_chunks('x', 'm', 8, 'l2')"
	run sql_as a_worker "update pl.collections set pipeline = 'rm -r /'"
	[ "$status" -ne 0 ]
}

@test "a copy of a collection is open to the same roles" {
	everybody
	numbered 2 --collection papers
	as a_worker pl-worker --burst --collection papers >results
	pl-jobctl collection copy papers live >/dev/null
	[ "$(sql_as a_reader 'select count(*) from pl.chunks_live')" = 2 ]
}
