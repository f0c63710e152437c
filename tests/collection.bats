# Collections: what they hold, their recipes, and what changes them.

load helpers
load cases
load jobs

# saved N [OPTION...]: save N documents of the source notes, and end their job
saved() {
	numbered "$@"
	pl-jobctl cancel "$job" >/dev/null
}

# stored COLLECTION CHUNK EMBED [OPTION...]: the documents of standard input, by
# this recipe; an empty part is none
stored() {
	local collection=$1 chunk=$2 embed=$3
	shift 3
	pl-chunk | pl-embed "$@" | jq -c --arg chunk "$chunk" \
		--arg embed "$embed" 'if .type != "end" then .
		    else .recipe = ({chunk: $chunk, embed: $embed} |
		        map_values(select(. != ""))) | del(.query) end' |
		pl-store --collection "$collection"
}

# texts FROM TO: documents with the urls FROM to TO, as enqueued by numbered
texts() {
	seq "$1" "$2" | jq -c '{url: tostring, content: "text \(.)"}' |
		pl-ingest
}

# shown COLLECTION FILTER: jq over its record
shown() {
	pl-jobctl collection show "$1" | jq -rc "$2"
}

@test "an unknown option, a full disk and a closed pipe are as everywhere" {
	unknown_option pl-jobctl collection list
	unknown_option pl-jobctl collection copy
	pl-jobctl collection create a >/dev/null
	full_disk pl-jobctl collection list
	full_disk pl-jobctl collection show a
	no_reader pl-jobctl collection list
}

@test "names and arguments are checked, and a wrong name is answered" {
	misused 'a command is missing' collection
	misused "'shwo' is no command: did you mean 'show'?" collection shwo
	misused 'an argument is missing: FROM TO' collection copy a
	misused "NAME 'A b': a name is 1 to 40 of a-z, 0-9 and _" \
		collection create 'A b'
	misused 'FROM and TO are the same' collection copy a a
	misused 'say --pipeline or --distance' collection set a
	pl-jobctl collection create papers >/dev/null
	for command in show 'set --distance l2' 'drop --yes' recipe \
		'recipe --take' stale refresh 'copy --yes x'; do
		# shellcheck disable=SC2086
		refused "there is no such collection" \
			pl-jobctl collection $command paper
	done
	refused "did you mean 'papers'?" pl-jobctl collection show paper
	refused "'pl-jobctl collection list' shows all" \
		pl-jobctl collection show quite_another
}

@test "a collection is made without vectors, and keeps its distance" {
	run -0 pl-jobctl collection create papers --distance l2
	[ "$(jq -c '[.type, .name, .model, .distance, .pipeline, .documents,
	    .table_bytes]' <<<"$output")" = \
		'["collection","papers",null,"l2",null,0,0]' ]
	refused "collection 'papers' is there already: 'pl-jobctl collection set'" \
		pl-jobctl collection create papers
	run -0 pl-jobctl collection set papers --distance ip
	[ "$(jq -r .distance <<<"$output")" = ip ]
	texts 1 3 | stored papers 'pl/1 max=9c' model=hash-512-v1
	[ "$(shown papers '[.model, .dimensions, .distance, .documents, .chunks,
	    .chunk, .embed]')" = '["hash-512-v1",512,"ip",3,3,"pl/1 max=9c","model=hash-512-v1"]' ]
	[ "$(shown papers '.table_bytes > 0 and .index_bytes > 0')" = true ]
	refused 'has vectors, its distance cannot change' \
		pl-jobctl collection set papers --distance l2
	run -0 pl-jobctl collection set papers --distance ip
	# pl-store's own option counts if the collection is not there.
	texts 1 1 | pl-chunk | pl-embed | pl-store --collection other \
		--distance l2
	[ "$(shown other .distance)" = l2 ]
}

@test "the pipeline is shown first, and one with a secret is refused" {
	pl-jobctl collection create papers >/dev/null
	for text in 'K=1 OPENAI_API_KEY=abc pl-embed | pl-store' \
		'x --api-key abc | pl-store' 'x sk-abcdefgh1234 | pl-store' \
		"curl -H 'Authorization: Bearer abc' | pl-store" \
		'psql postgres://me:abc@host/x | pl-store'; do
		run -2 --separate-stderr pl-jobctl collection set papers \
			--pipeline "$text"
		[[ $stderr == *'put the secret into the environment'* ]]
		[[ $stderr != *abc* ]]
	done
	misused '--pipeline has no pl-store' \
		collection set papers --pipeline 'pl-chunk | pl-embed'
	misused "stores into collection 'x', not into 'papers'" \
		collection set papers --pipeline 'pl-store --collection x'
	misused "stores into collection 'x', not into 'y'" \
		collection create y --pipeline 'pl-store --collection=x'
	# shellcheck disable=SC2016
	misused "stores into collection '\$C', not into 'papers'" \
		collection set papers --pipeline 'pl-store --collection "$C"'
	db_is t 'select bool_and(pipeline is null) from pl.collections'

	# shellcheck disable=SC2016
	text='OPENAI_API_KEY="$MY_KEY" pl-chunk | pl-embed |
	    pl-store --collection papers'
	run -0 pl-jobctl collection set papers --pipeline "$text"
	[ "$(jq -r .pipeline <<<"$output")" = "$text" ]
	run -0 pl-jobctl --table collection show papers
	[[ ${lines[0]} == 'pipeline '*'OPENAI_API_KEY='* ]]
	[ "$(shown papers 'keys_unsorted[1]')" = pipeline ]
	run -0 pl-jobctl collection set papers --pipeline none
	[ "$(jq -r .pipeline <<<"$output")" = null ]
	run -0 pl-jobctl collection create b --pipeline 'pl-chunk | pl-store'
	[ "$(jq -r .pipeline <<<"$output")" = 'pl-chunk | pl-store' ]
}

@test "only the owner writes a pipeline" {
	pl-jobctl collection create papers --pipeline 'pl-store' >/dev/null
	psql -Xqc "do \$\$ begin create role editor login bypassrls;
	    exception when duplicate_object then null; end \$\$" \
		"$PL_TEST_ADMIN_URL"
	db 'grant usage on schema pl to editor;
	    grant all on all tables in schema pl to editor'
	local owner=$PL_DATABASE_URL
	export PL_DATABASE_URL=${PL_DATABASE_URL/pl@/editor@}
	refused 'only the owner of pl.collections writes a pipeline' \
		pl-jobctl collection set papers --pipeline 'rm x | pl-store'
	refused 'only the owner of pl.collections writes a pipeline' \
		pl-jobctl collection create b --pipeline 'pl-store'
	run -0 pl-jobctl collection create c --distance l2
	PL_DATABASE_URL=$owner
	db_is 'c||papers|pl-store' "select string_agg(name || '|' ||
	    coalesce(pipeline, ''), '|' order by name) from pl.collections"
}

@test "list counts what is stale, behind, older and incomplete" {
	run -0 --separate-stderr pl-jobctl --table collection list
	[ "$stderr" = 'pl-jobctl: there is no collection yet' ]
	saved 6 --source notes
	pl-ingest --source notes <(seq 6 | jq -c '{url: tostring,
	    content: "text \(.)"}') >documents
	head -n 5 documents | stored papers 'pl/1 max=9c' model=hash-512-v1
	[ "$(pl-jobctl collection list | jq -c '[.type, .name, .documents,
	    .stale, .behind, .older, .incomplete, .chunks]')" = \
		'["collection","papers",5,0,0,0,0,5]' ]
	# Another text is saved, another version stored, a chunk refused, another
	# recipe taken.
	db "update pl.documents set content_hash = 'x' where url = '1'"
	db "update pl.collection_documents l set failed_chunks = 1,
	    first_error = '{\"message\": \"too long\"}' from pl.documents d
	    where d.id = l.document_id and d.url = '2'"
	sed -n 3p documents | stored papers 'pl/2 max=9c' model=hash-512-v1
	db "update pl.collection_documents l set recipe = pl.recipe_id(
	    'pl/2 max=8c', null, null) from pl.documents d
	    where d.id = l.document_id and d.url = '4'"
	db "update pl.collection_documents l set recipe = pl.recipe_id(
	    'pl/2 max=9c', 'model=hash-512-v1', null) from pl.documents d
	    where d.id = l.document_id and d.url in ('1', '2')"
	[ "$(pl-jobctl collection list | jq -c '[.documents, .stale, .behind,
	    .older, .incomplete]')" = '[5,1,1,1,1]' ]
	[ "$(shown papers '[.documents, .stale, .behind, .older, .incomplete,
	    .chunks_not_in_ledger]')" = '[5,1,1,1,1,0]' ]
	[ "$(pl-jobctl collection stale papers | jq -rc '[.type, .source, .url,
	    .reason, .message, .saved] | join(" ")')" = \
		'stale notes 1 behind  true
stale notes 2 incomplete too long true
stale notes 4 stale  true
stale notes 5 older  true' ]
	[ "$(pl-jobctl collection stale papers --limit 1 | wc -l)" -eq 1 ]
	for command in list 'show papers' 'stale papers' 'recipe papers'; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr pl-jobctl --table collection $command
		[ "$(wc -L <<<"$output")" -le 80 ]
		[ -n "$output" ]
	done
	db "delete from pl.collection_documents l using pl.documents d
	    where d.id = l.document_id and d.url = '5'"
	[ "$(shown papers .chunks_not_in_ledger)" = 1 ]
}

@test "a refused recipe is taken, and makes what was stored stale" {
	texts 1 3 | stored papers 'pl/1 max=9c' model=hash-512-v1
	refused 'no recipe was refused' pl-jobctl collection recipe papers --take
	run -0 --separate-stderr pl-jobctl collection recipe papers
	[ "$(jq -c '[.type, .collection, .chunk, .embed, .refused_chunk,
	    .taken_at, .stale]' <<<"$output")" = '["recipe","papers","pl/1 max=9c","model=hash-512-v1",null,null,0]' ]
	[ -z "$stderr" ]

	texts 4 4 | stored papers 'pl/1 max=8c' '' || [ $? -eq 3 ]
	run -0 --separate-stderr pl-jobctl collection recipe papers
	[ "$(jq -c '[.chunk, .refused_chunk, .refused_at != null]' \
		<<<"$output")" = '["pl/1 max=9c","pl/1 max=8c",true]' ]
	[[ $stderr == *"'pl-jobctl collection recipe papers --take'"* ]]
	[ "$(shown papers .refused_chunk)" = 'pl/1 max=8c' ]

	run -0 --separate-stderr pl-jobctl collection recipe papers --take
	# The part that the refused recipe lacks stays.
	[ "$(jq -c '[.chunk, .embed, .refused_chunk, .stale, .taken_at != null]' \
		<<<"$output")" = '["pl/1 max=8c","model=hash-512-v1",null,3,true]' ]
	[[ $stderr == *'3 documents stale'*'pl-jobctl collection refresh papers' ]]
	texts 4 4 | stored papers 'pl/1 max=8c' ''
	[ "$(shown papers '[.documents, .stale]')" = '[4,3]' ]
	refused 'no recipe was refused' pl-jobctl collection recipe papers --take
}

@test "a recipe of another model or width is not taken" {
	texts 1 2 | stored papers 'pl/1 max=9c' 'model=hash-512-v1 role=document'
	for embed in 'model=other role=document' \
		'model=hash-512-v1 role=document dimensions=256'; do
		texts 3 3 | stored papers 'pl/1 max=9c' "$embed" ||
			[ $? -eq 3 ]
		refused "'pl-jobctl collection copy'" \
			pl-jobctl collection recipe papers --take
	done
	[[ $stderr == *'has vectors of width 512, the refused recipe makes 256'* ]]
	[ "$(shown papers '[.embed, .stale]')" = \
		'["model=hash-512-v1 role=document",0]' ]
	# Another prefix is only another recipe.
	texts 3 3 | stored papers '' \
		'model=hash-512-v1 role=document prefix="a model=b"' ||
		[ $? -eq 3 ]
	run -0 --separate-stderr pl-jobctl collection recipe papers --take
	[ "$(jq -c '[.embed, .stale]' <<<"$output")" = \
		'["model=hash-512-v1 role=document prefix=\"a model=b\"",2]' ]
}

@test "refresh processes again what is stale, in jobs of the collection" {
	saved 60 --source notes
	numbered 2 --source letters
	pl-jobctl cancel "$job" >/dev/null
	for source in notes letters; do
		db "select json_build_object('type', 'document', 'id', d.id,
		    'source', s.name, 'url', d.url, 'content', d.content,
		    'content_type', d.content_type, 'content_hash',
		    d.content_hash) from pl.documents d join pl.sources s
		    on s.id = d.source_id where s.name = '$source'"
	done | stored papers 'pl/1 max=9c' model=hash-512-v1
	# One more, whose text is not saved.
	texts 99 99 | stored papers 'pl/1 max=9c' model=hash-512-v1
	run -0 --separate-stderr pl-jobctl collection refresh papers
	[ -z "$output" ]
	[[ $stderr == *"nothing to refresh in collection 'papers'"* ]]
	db "update pl.collections set recipe = pl.recipe_id('pl/1 max=8c', null,
	    null)"

	run -0 --separate-stderr pl-jobctl collection refresh --dry-run papers
	[ "$(jq -sc '[.[] | [.type, .source, .documents, .without_text]] |
	    sort' <<<"$output")" = \
		'[["refresh","default",0,1],["refresh","letters",2,0],["refresh","notes",60,0]]' ]
	db_is 0 "select count(*) from pl.jobs where status <> 'canceled'"
	run -0 --separate-stderr pl-jobctl --table collection refresh \
		--dry-run papers
	[ "$(wc -L <<<"$output")" -le 80 ]

	run -0 --separate-stderr pl-jobctl collection refresh papers
	[ "$(jq -sc '[.[] | [.type, .source, .documents, .waiting, .tasks,
	    .sealed]] | sort' <<<"$output")" = \
		'[["job","letters",2,2,1,true],["job","notes",60,60,2,true]]' ]
	[[ $stderr == *'1 document without a saved text'*'pl-enqueue --collection papers'* ]]
	db_is 'papers processing@papers queued' "select distinct concat_ws(' ',
	    j.collection, t.queue, t.status) from pl.jobs j join pl.tasks t
	    on t.job_id = j.id where j.status <> 'canceled'"
	[ "$(redis llen rq:queue:processing@papers)" -eq 3 ]
	balanced
	# What waits is not taken twice.
	run -0 --separate-stderr pl-jobctl collection refresh papers
	[ -z "$output" ]
	refused 'jobs that store into it are open' \
		pl-jobctl collection drop --yes papers
}

@test "refresh takes what is behind and older, and goes to the queue named" {
	saved 3 --source notes
	db "select json_build_object('type', 'document', 'id', d.id,
	    'source', 'notes', 'url', d.url, 'content', d.content,
	    'content_hash', d.content_hash) from pl.documents d" >documents
	stored papers 'pl/1 max=9c' model=hash-512-v1 <documents
	db "update pl.documents set content_hash = 'x' where url = '1'"
	sed -n 3p documents | stored papers 'pl/2 max=9c' model=hash-512-v1
	db "update pl.collection_documents set failed_chunks = 1
	    where document_id = '$(sed -n 3p documents | jq -r .id)'"
	run -0 pl-jobctl --table collection refresh papers --queue night
	[ "$(wc -L <<<"$output")" -le 80 ]
	[[ $output == *notes* ]]
	db_is "2 night@papers" "select count(*) || ' ' || min(t.queue)
	    from pl.job_documents d join pl.tasks t on t.id = d.task_id
	    join pl.jobs j on j.id = d.job_id where j.status <> 'canceled'"
	misused 'a name has no @' collection refresh papers --queue a@b
}

@test "a worker of the collection takes the jobs of a refresh" {
	saved 3 --source notes
	db "select json_build_object('type', 'document', 'id', d.id,
	    'source', 'notes', 'url', d.url, 'content', d.content,
	    'content_hash', d.content_hash) from pl.documents d" |
		stored papers 'pl/1 max=9c' ''
	db "update pl.collections set recipe = pl.recipe_id('pl/1 max=8c', null,
	    null), taken_at = now()"
	pl-jobctl collection refresh papers >jobs
	run -0 pl-worker --burst
	db_is 'pending' "select distinct status from pl.job_documents
	    where job_id = '$(jq -r .id jobs)'"
	pl-worker --burst --collection papers -- "pl-chunk | pl-embed |
	    jq -c 'if .type == \"end\" then .recipe.chunk = \"pl/1 max=8c\"
	        else . end' | pl-store"
	[ "$(shown papers '[.documents, .stale, .behind]')" = '[3,0,0]' ]
	[ "$(pl-jobctl status "$(jq -r .id jobs)" | jq -r .status)" = completed ]
	balanced
}

@test "without Redis refresh leaves its tasks to the workers" {
	saved 1 --source notes
	db "select json_build_object('type', 'document', 'id', d.id,
	    'source', 'notes', 'url', d.url, 'content', d.content)
	    from pl.documents d" | stored papers 'pl/1 max=9c' ''
	db "update pl.collections set recipe = pl.recipe_id('pl/1 max=8c', null,
	    null)"
	PL_REDIS_URL=unix:///nowhere/redis run -0 --separate-stderr \
		pl-jobctl collection refresh papers
	[ "$(jq -r .type <<<"$output")" = job ]
	[[ $stderr == *'the tasks are saved'* ]]
	db_is pending "select status from pl.tasks where queue ~ '@papers'"
}

@test "drop needs an answer, and takes chunks, ledger and bindings along" {
	texts 1 3 | stored papers '' ''
	texts 1 1 | stored other '' ''
	numbered 2 --source notes
	pl-jobctl source set notes --collection papers >/dev/null
	db "update pl.jobs set collection = 'papers'"
	refused "job" pl-jobctl collection drop --yes papers
	[[ $stderr == *"$job"*'cancel them, or wait for their end'* ]]
	pl-jobctl cancel "$job" >/dev/null

	refused "collection 'papers' has 3 documents in 3 chunks: --yes drops them" \
		pl-jobctl collection drop papers
	db_is 4 'select count(*) from pl.collection_documents'
	run -0 pl-jobctl collection drop --yes papers
	[ "$output" = '{"type":"collection_dropped","name":"papers","documents":3,"chunks":3}' ]
	db_is '1|t|t|t|1' "select count(*), to_regclass('pl.chunks_papers')
	    is null, (select collection is null from pl.jobs),
	    (select collection is null from pl.sources where name = 'notes'),
	    (select count(*) from pl.documents where status = 'stored')
	    from pl.collection_documents"
	[ "$(pl-jobctl collection list | jq -r .name)" = other ]
	# What is gone waits; document 1 is still in the other one.
	run -0 pl-jobctl verify
	[ -z "$output" ]
	db_is '1' 'select sum(chunk_count) from pl.documents'
	# One that never had vectors.
	pl-jobctl collection create empty >/dev/null
	run -0 pl-jobctl collection drop --yes empty
}

# answered TEXT COMMAND...: run it at a terminal where somebody types TEXT
answered() {
	/usr/bin/python3 -S - "$@" <<-'TYPE'
		import os, pty, sys
		pid, terminal = pty.fork()
		if pid == 0:
		    os.execvp(sys.argv[2], sys.argv[2:])
		seen, typed = b'', False
		while True:
		    try:
		        some = os.read(terminal, 4096)
		    except OSError:
		        break
		    if not some:
		        break
		    seen += some
		    if not typed and b'[y/N]' in seen:
		        os.write(terminal, sys.argv[1].encode() + b'\n')
		        typed = True
		sys.stdout.write(seen.decode())
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	TYPE
}

@test "at a terminal drop asks" {
	texts 1 2 | stored papers '' ''
	run -1 answered n pl-jobctl collection drop papers
	[[ $output == *"collection 'papers' has 2 documents in 2 chunks. Really? [y/N]"* ]]
	[[ $output == *'nothing was changed'* ]]
	run -1 answered '' pl-jobctl collection drop papers
	[ "$(shown papers .documents)" = 2 ]
	run -0 answered y pl-jobctl collection drop papers
	refused 'there is no such' pl-jobctl collection show papers
}

@test "copy makes a collection, with everything but what names the first" {
	texts 1 3 | stored new 'pl/1 max=9c' model=hash-512-v1 --dimensions 64
	db "create index by_text on pl.chunks_new (text)"
	pl-jobctl collection set new --pipeline 'pl-store --collection new' \
		>/dev/null
	run -0 --separate-stderr pl-jobctl collection copy new live
	[ "$(jq -c '[.name, .model, .dimensions, .documents, .chunks, .chunk,
	    .pipeline, .chunks_not_in_ledger]' <<<"$output")" = \
		"$(shown new '["live", .model, 64, 3, 3, "pl/1 max=9c", null, 0]')" ]
	[[ $stderr == *'3 documents in 3 chunks copied'* ]]
	[[ $stderr == *"the pipeline of 'new' names its collection"* ]]
	db_is t "select (select array_agg(c order by id) from pl.chunks_new c)
	    ::text = (select array_agg(c order by id) from pl.chunks_live c)
	    ::text"
	# The table is like one that pl-store made.
	db_is 't|{toast_tuple_target=8160}' "select relrowsecurity, reloptions
	    from pg_class where oid = 'pl.chunks_live'::regclass"
	db_is 'chunks_live_document_id_fkey|c' "select conname, confdeltype
	    from pg_constraint where conrelid = 'pl.chunks_live'::regclass
	    and contype = 'f'"
	db_is 'chunks_live_document_id_index_key chunks_live_pkey chunks_live_text_idx' \
		"select string_agg(indexname, ' ' order by indexname)
		    from pg_indexes where schemaname = 'pl'
		    and tablename = 'chunks_live'"
	texts 4 4 | stored live 'pl/1 max=9c' model=hash-512-v1 --dimensions 64
	[ "$(shown live '[.documents, .chunks]')" = '[4,4]' ]

	# What does not name the first is copied.
	pl-jobctl collection set new --pipeline 'pl-chunk | pl-store' >/dev/null
	run -0 --separate-stderr pl-jobctl collection copy new more
	[ "$(jq -r .pipeline <<<"$output")" = 'pl-chunk | pl-store' ]
	refused 'has no vectors: there is nothing to copy' \
		pl-jobctl collection copy \
		"$(pl-jobctl collection create none_yet | jq -r .name)" x
	refused 'there is no such' pl-jobctl collection show x
}

@test "copy replaces the rows, and keeps indexes, grants and pipeline" {
	texts 1 3 | stored new 'pl/1 max=9c' model=hash-512-v1
	texts 3 6 | stored live 'pl/1 max=8c' model=hash-512-v1
	pl-jobctl collection set live --pipeline 'pl-store' >/dev/null
	pl-jobctl collection set new --pipeline 'pl-chunk | pl-store' >/dev/null
	db "create index by_text on pl.chunks_live (text);
	    alter table pl.chunks_live add words tsvector generated always as
	        (to_tsvector('simple', text)) stored;
	    grant select on pl.chunks_live to public"
	before=$(db "select 'pl.chunks_live'::regclass::oid")

	refused "collection 'live' has 4 documents in 4 chunks: --yes replaces them" \
		pl-jobctl collection copy new live
	numbered 1 --source notes
	db "update pl.jobs set collection = 'live'"
	refused "$job" pl-jobctl collection copy --yes new live
	pl-jobctl cancel "$job" >/dev/null
	[ "$(shown live '[.documents, .chunk]')" = '[4,"pl/1 max=8c"]' ]

	run -0 --separate-stderr pl-jobctl collection copy --yes new live
	[ "$(jq -c '[.documents, .chunks, .chunk, .stale, .pipeline]' \
		<<<"$output")" = '[3,3,"pl/1 max=9c",0,"pl-store"]' ]
	[[ $stderr != *'is new'* ]]
	run -0 pl-jobctl verify
	[ -z "$output" ]
	db_is "$before|t|3" "select 'pl.chunks_live'::regclass::oid,
	    to_regclass('pl.by_text') is not null, count(words)
	    from pl.chunks_live"
	db_is 1 "select count(*) from pg_class where relname = 'chunks_live'
	    and relacl::text ~ '=r/'"
}

@test "copy makes the table anew for another distance, and says what is lost" {
	texts 1 3 | pl-chunk | pl-embed | pl-store --collection new --distance l2
	texts 3 6 | stored live '' ''
	run -0 --separate-stderr pl-jobctl collection copy --yes new live
	[ "$(jq -c '[.distance, .documents, .chunks]' <<<"$output")" = \
		'["l2",3,3]' ]
	[[ $stderr == *'the table pl.chunks_live is new'*'grants'* ]]
	run -0 pl-search --collection live 'text 1'
	[ "${#lines[@]}" -eq 3 ]
	# A name that leaves no room for what the table is called meanwhile.
	long=$(printf 'a%.0s' {1..40})
	run -0 pl-jobctl collection copy new "$long"
	run -0 pl-jobctl collection copy --yes new "$long"
	db_is 0 "select count(*) from pg_class where relname ~ '[+]'"
	texts 1 1 | stored live2 '' ''
	run -0 pl-jobctl collection copy --yes "$long" live2
}

@test "who searches during a copy finds the old chunks or the new ones" {
	seq 40 | jq -c '{url: "a\(.)", content: "text \(.)"}' | pl-ingest |
		stored a '' ''
	seq 40 | jq -c '{url: "b\(.)", content: "text \(.)"}' | pl-ingest |
		stored b '' ''
	pl-jobctl collection copy a live >/dev/null
	: >found
	(while [ ! -e stop ]; do
		pl-search --collection live --limit 50 text |
			jq -rsc '"\(length) \([.[].url[:1]] | unique |
			    join(""))"' >>found || exit
	done) &
	reader=$!
	for _ in 1 2 3 4; do
		for from in b a; do
			before=$(wc -l <found)
			pl-jobctl collection copy --yes $from live >/dev/null
			wait_until 20 more_than "$before"
		done
	done
	: >stop
	wait $reader
	sort -u found >kinds
	grep -qvx '40 [ab]' kinds && cat kinds && false
	grep -qx '40 b' kinds
}

more_than() {
	[ "$(wc -l <found)" -gt "$1" ]
}

@test "a copy waits for a lock, and says so" {
	texts 1 3 | stored new '' ''
	texts 1 1 | stored live '' ''
	fed command psql -XAtq "$PL_DATABASE_URL"
	echo 'begin; lock table pl.chunks_live in row exclusive mode;
	    select 1;' >&9
	wait_until 20 grep -q 1 out
	pl-jobctl collection copy --yes new live >copied 2>told 9>&- &
	copier=$!
	wait_until 20 grep -q 'waiting for it' told
	echo 'commit;' >&9
	exec 9>&-
	wait $copier
	wait "$pid"
	[ "$(jq .documents copied)" = 3 ]
}

@test "a source may name its collection" {
	run -0 pl-jobctl source add notes --collection papers
	[ "$(jq -r .collection <<<"$output")" = papers ]
	db_is papers "select pl.collection_of(id) from pl.sources"
	[ "$(pl-jobctl source list | jq -r .collection)" = papers ]
	run -0 pl-jobctl --table source list
	[[ $output == *COLLECTION*papers* ]]
	[ "$(wc -L <<<"$output")" -le 80 ]
	run -0 pl-jobctl source set notes --url https://a.example/
	[ "$(jq -r .collection <<<"$output")" = papers ]
	run -0 pl-jobctl source set notes --collection none
	[ "$(jq -r .collection <<<"$output")" = null ]
	misused "--collection 'A': a name is 1 to 40 of a-z, 0-9 and _" \
		source set notes --collection A
}

@test "list and status show the collection of a job" {
	numbered 1 --source s --collection papers
	run -0 pl-jobctl list --table
	[[ $output == *" s in papers "* ]]
	run -0 pl-jobctl status --table "$job"
	[[ $output == *"collection  papers"* ]]
	numbered 1 --source t --collection default
	run -0 pl-jobctl list --table
	[[ $output != *"t in"* ]]
}
