# jobs.bash - helpers for files that enqueue and work; load it after helpers
#
# Both servers, and for each test a fresh schema, an empty Redis and a folder.

setup_file() {
	start_postgres
	start_redis
}

jobs_setup() {
	fresh_servers
	cd "$BATS_TEST_TMPDIR" || return 1
}

setup() {
	jobs_setup
}

# numbered N [OPTION...]: a job of N documents; its record in the file job, its
# id in $job.
numbered() {
	local n=$1
	shift
	seq "$n" | jq -c '{url: tostring, content: "text \(.)"}' |
		pl-enqueue "$@" >job
	# shellcheck disable=SC2034
	job=$(jq -r .id job)
}

# notes N [FOLDER]: a folder of N notes.
notes() {
	local n
	mkdir -p "${2:-notes}"
	for n in $(seq "$1"); do
		printf '# Note %d\n\nText %d.\n' "$n" "$n" >"${2:-notes}/$n.md"
	done
}

# in_ledger: all documents are in the collection default, as of a user's own store.
in_ledger() {
	db "insert into pl.collections (name, table_name)
	    values ('default', 'chunks_default') on conflict do nothing;
	    insert into pl.collection_documents (collection_id, document_id,
	        content_hash)
	    select c.id, d.id, d.content_hash
	        from pl.documents d, pl.collections c on conflict do nothing"
}

# note_stored: mark the documents as stored in the collection default, as their last
# jobs would, for the next run.
note_stored() {
	db "update pl.documents set status = 'processing' where status <> 'stored';
	    update pl.documents set status = 'stored';
	    update pl.jobs set collection = 'default'"
	in_ledger
}

# work_off: process all tasks, without a real stage.
work_off() {
	timeout 50 pl-worker --burst -- \
		"jq --unbuffered -c '{type: \"stored\", document_id: .id,
		    collection: \"x\", chunks: 1, lease}'"
}

# The account of each job adds up.
balanced() {
	db_is 0 "select count(*) from pl.job_accounts where documents <>
	    stored + unchanged + failed + canceled + waiting + in_flight"
}

# poison TABLE CONDITION: the database refuses every change of the rows of pl's
# TABLE for which CONDITION on new holds.
poison() {
	db "create or replace function pl.poisoned() returns trigger
	    language plpgsql as 'begin raise exception ''poisoned row''; end';
	    create trigger poisoned before update on pl.$1 for each row
	    when ($2) execute function pl.poisoned()"
}
