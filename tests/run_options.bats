# pl run and pl worker: which collection, which pipeline, what is read, a dry
# run, and the last lines.

load helpers
load jobs

narrow='pl-chunk | pl-embed --dimensions 64 | pl-store'

# stored: what the ledger has, as "collection documents, ..."
stored() {
	db "select string_agg(name || ' ' || n, ', ' order by name) from (
	    select c.name, count(*) as n from pl.collection_documents l
	    join pl.collections c on c.id = l.collection_id group by c.name) s"
}

# own_pipeline COLLECTION PIPELINE: as 'pl-jobctl collection set --pipeline'.
own_pipeline() {
	db "insert into pl.collections (name, table_name) values ('$1',
	    'chunks_$1') on conflict do nothing;
	    update pl.collections set pipeline = \$\$$2\$\$ where name = '$1'"
}

@test "a job that no collection has taken is left to others" {
	notes 2
	jq -nc '{source: "a", url: "u", content: "A walrus."}' | pl-enqueue >/dev/null
	pl run notes --source b --collection papers >/dev/null 2>&1
	db_is 'b|papers' "select s.name, j.collection from pl.jobs j
	    join pl.sources s on s.id = j.source_id where j.status = 'completed'"
	db_is '2' 'select count(*) from pl.collection_documents'
}

@test "the collection is the option's, else the pipeline's, else the environment's" {
	notes 2
	export PL_COLLECTION=env
	run -0 pl run notes --source a --collection opt -- "$narrow"
	[[ $output == *"  collection opt"* ]]
	run -0 pl run notes --source b -- "$narrow --collection=told"
	[[ $output == *"  collection told"* ]]
	run -0 pl run notes --source c -- "$narrow"
	[[ $output == *"  collection env"* ]]
	unset PL_COLLECTION
	[ "$(stored)" = 'env 2, opt 2, told 2' ]
	[ "$(db "select string_agg(distinct queue, ' ' order by queue) from pl.tasks")" = \
		'processing@env processing@opt processing@told' ]
	pl-jobctl verify
}

@test "without a word, a source's documents go where its last job went" {
	notes 2
	pl run notes --source a --collection papers -- "$narrow"
	notes 3
	run -0 pl run notes --source a -- "$narrow"
	[[ $output == *"pl-enqueue: 2 unchanged in collection papers (pl/1 max=1600c, hash-64-v1)"* ]]
	[[ $output == *"3 documents: 1 stored, 2 unchanged"* ]]
	[ "$(stored)" = 'papers 3' ]
	# Also when reading takes longer, so that workers start meanwhile.
	mkfifo slow
	pl run --source a - -- "$narrow" <slow >out 2>err 3>&- &
	run_pid=$!
	exec 5>slow
	echo '{"url":"first","content":"the first"}' >&5
	wait_until 30 db_is 4 "select count(*) from pl.collection_documents"
	exec 5>&-
	wait "$run_pid"
	[ "$(stored)" = 'papers 4' ]
	grep -q '^  collection papers' out
	# Another source is not bound to it.
	pl run notes --source b
	[ "$(stored)" = 'default 3, papers 4' ]
}

@test "two names of the collection, and a wrong one, are usage errors" {
	notes 1
	for command in "pl run notes" "pl worker"; do
		run -2 $command --collection a -- 'pl-chunk | pl-store --collection b'
		[[ $output == "pl-worker: the collection is a, but the pipeline stores into b; see '"* ]]
		run -2 $command --collection A
		[[ $output == "pl-worker: --collection 'A': a name is 1 to 40 of a-z, 0-9 and _; see '"* ]]
		run -2 $command --collection "$(printf 'a%.0s' {1..41})"
		run -2 $command --collection ''
	done
	db_is 0 'select count(*) from pl.jobs'
}

@test "a collection's own pipeline is shown and used when none is given" {
	notes 2
	own_pipeline small "$narrow"
	run -0 --separate-stderr pl run notes --source a --collection small
	[[ $stderr == "pl: pipeline of collection small: $narrow"* ]]
	[[ $output == *"  collection small, model hash-64-v1; "* ]]
	db_is hash-64-v1 "select model from pl.collections where name = 'small'"
	# Without a word, too, and by workers.
	echo more >>notes/1.md
	run -0 --separate-stderr pl run notes --source a
	[[ $stderr == *"pl: pipeline of collection small: $narrow"* ]]
	pl-ingest notes | pl-enqueue --all --source a
	run -0 --separate-stderr pl worker --burst --collection small
	[[ $stderr == *"pl: pipeline of collection small: $narrow"* ]]
	[ "$(stored)" = 'small 2' ]
	# One that is given is used.
	run -0 --separate-stderr pl run notes --source a --all -- \
		'pl-chunk | pl-embed --dimensions 64 --batch 9 | pl-store'
	[[ $stderr != *"pipeline of collection"* ]]
}

@test "pl worker waits for Postgres to read the pipeline; a burst does not" {
	export PL_DATABASE_URL=postgresql://nobody@/none?host=/nowhere
	mkdir -p tools
	[ -e tools/pl ] || cp "$(command -v pl)" tools/pl
	cat >tools/pl-jobctl <<-'SH'
		#!/bin/sh
		echo >>asked
		exit 75
	SH
	printf '#!/bin/sh\n[ "$1" = --print-collection ] || echo >started\n' \
		>tools/pl-worker
	chmod +x tools/pl-jobctl tools/pl-worker
	run -75 tools/pl worker --burst
	[ "$output" = "pl: Postgres is away: see 'pl status'" ]
	[ ! -e started ]
	tools/pl worker 2>err 3>&- &
	waiting=$!
	wait_until 20 grep -q 'Postgres is away: waiting for it' err
	[ ! -e started ]
	printf '#!/bin/sh\nexit 1\n' >tools/pl-jobctl
	wait_until 20 test -e started
	wait "$waiting"
}

@test "--include, --exclude, --base-url and --all are passed on" {
	notes 3
	mkdir notes/old
	cp notes/1.md notes/old/9.md
	echo no >"notes/it's.txt"
	run -0 pl run notes --source a --include '*.md' --include "it's*" \
		--exclude old --exclude=3.md --base-url 'https://x.example/a b/'
	[[ $output == *"3 documents: 3 stored"* ]]
	db "select url from pl.documents order by url" >urls
	[ "$(cat urls)" = "https://x.example/a b/1.md
https://x.example/a b/2.md
https://x.example/a b/it's.txt" ]
	run -0 pl run notes --source a --include 1.md --base-url 'https://x.example/a b/'
	[[ $output == *"1 document: 0 stored, 1 unchanged"* ]]
	run -0 pl run notes --source a --all --include 1.md \
		--base-url 'https://x.example/a b/'
	[[ $output == *"1 document: 1 stored, 0 unchanged"* ]]
}

@test "a dry run shows what would be done and where, and does nothing" {
	notes 4
	pl run notes --source a --collection papers -- "$narrow"
	echo more >>notes/2.md
	rm notes/3.md
	echo '# New' >notes/5.md
	before=$(db 'select count(*), max(seen_at) from pl.documents')
	run -0 --separate-stderr pl run --dry-run notes --source a
	echo "$output"
	[ "$output" = "dry run: nothing is written
  source      a
  documents   4: 1 new, 1 changed, 2 unchanged, 0 failed
  gone        1, which stay (--prune deletes them)
  collection  papers
  chunk       pl/1 max=1600c target=1000c overlap=0 context=on
  embed       model=hash-64-v1 role=document" ]
	[ -z "$(awk 'length > 80' <<<"$output")" ]
	run -0 --separate-stderr pl run --dry-run --prune --collection other \
		--all notes --source a
	[[ $output == *"4: 1 new, 1 changed, 2 again, 0 unchanged"* ]]
	[[ $output == *"gone        1, which would be deleted"* ]]
	[[ $output == *"collection  other"* ]]
	run -0 --separate-stderr pl run --dry-run --json notes --source a
	[ "$(jq -c '[.status, .new, .changed, .unchanged, .gone]' <<<"$output")" = \
		'["dry_run",1,1,2,1]' ]
	head -n 1 <(pl-ingest notes) >in
	run -0 --separate-stderr pl run --dry-run - --source "$(printf 'long %.0s' {1..30})" <in
	[[ $output == *"gone        none"* ]]
	[ -z "$(awk 'length > 80' <<<"$output")" ]
	run -3 --separate-stderr pl run --dry-run notes none --source a
	[[ $output == *"gone        not known: no complete listing came"* ]]
	[ "$(db 'select count(*), max(seen_at) from pl.documents')" = "$before" ]
	[ "$(db 'select count(*) from pl.jobs')" = 1 ]
}

@test "the last lines say what to type next" {
	notes 2
	run -0 --separate-stderr pl run notes --source a
	[[ ${lines[2]} == "  collection default"*"; "*" documents/s" ]]
	[ "$stderr" = "pl: to search: pl-search WORDS" ]
	run -0 --separate-stderr pl run notes --source a --collection other
	[ "$stderr" = "pl: to search: pl-search --collection other WORDS" ]
	# What is said works.
	[ -n "$(pl-search --collection other Text 1)" ]
	printf '{"url":"%s","content":"%s"}\n' x text y ' ' >in
	run -3 --separate-stderr pl run - --source b <in
	job=$(db "select job_id from pl.sources where name = 'b'")
	[[ $stderr == *"pl: which failed, and why: pl-jobctl --table documents $job --failed
pl: when that is mended: pl-jobctl retry $job
pl: to search: pl-search WORDS" ]]
	run -0 --separate-stderr pl run notes --source a --json
	[[ $stderr != *"pl-search"* ]]
}

@test "the same folder by an absolute path is warned of" {
	notes 2
	pl run notes --source a
	run -0 --separate-stderr pl run "$PWD/notes" --source a
	[[ $stderr == *"source a had 2 of these texts before, under other urls ($PWD/notes/1.md was notes/1.md)"*"--base-url"* ]]
}
