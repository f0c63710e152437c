# Collections: a job is bound to where it goes, "unchanged" is true of its
# collection, and what nobody asked for is stored nowhere. Each test begins with
# commands that were typed before collections had recipes.

load helpers
load jobs

stages='pl-chunk | pl-embed'

teardown() {
	start_redis
}

# pages TEXT NAME...: a document for each name, with the text in it.
pages() {
	local text=$1
	shift
	printf '%s\n' "$@" | jq -Rc --arg text "$text" '{url: .,
	    content: "# \(.)\n\nThe \($text) text of \(.).\n"}'
}

# add OPTION... <DOCUMENTS: enqueue them; the job's record is in the file job.
add() {
	pl-enqueue "$@" >job
}

job_id() {
	jq -r .id job
}

# counts: how many of the last job's documents need work, and are unchanged.
counts() {
	jq -r '"\(.documents - .unchanged) new, \(.unchanged) unchanged"' job
}

# work COLLECTION [OPTION...]: a burst whose pipeline names the collection.
work() {
	timeout 60 pl-worker --burst "${@:2}" -- \
		"$stages | pl-store --collection $1"
}

# held COLLECTION: the urls of which the collection holds the text of now, by the
# ledger as well as by the chunks.
held() {
	local table
	table=$(db "select table_name from pl.collections where name = '$1'")
	[ -n "$table" ] || return 0
	db "select string_agg(d.url, ' ' order by d.url)
	    from pl.stored_documents l join pl.documents d on d.id = l.document_id
	    where l.collection = '$1' and l.content_hash = d.content_hash
	    and (select string_agg(c.text, '' order by c.index) from pl.$table c
	        where c.document_id = d.id) ~
	        substring(d.content from 'The [a-z]* text of')"
}

# bound: the collection of the job, and the queues of its tasks.
bound() {
	db "select coalesce(j.collection, 'none'), string_agg(distinct t.queue, ' ')
	    from pl.jobs j join pl.tasks t on t.job_id = j.id
	    where j.id = '$(job_id)' group by 1"
}

in_redis() {
	redis llen "rq:queue:$1"
}

# Each part of the account is right, and no job is open.
account_is_true() {
	pl-jobctl verify
	db_is 0 "select count(*) from pl.jobs
	    where status in ('pending', 'queued', 'in_progress')"
	balanced
}

@test "a job for one collection is not done by a worker of another one" {
	pages first a1 a2 | add --source a
	work papers
	pages first a1 a2 a3 | add --source a
	first=$(job_id)
	[ "$(bound)" = 'papers|processing@papers' ]
	pages first b1 | add --source b
	run -0 timeout 60 pl-worker --burst
	[[ $output == *"tasks left for collection papers: 1: 'pl worker\
 --collection papers' takes them"* ]]
	[ "$(held default)" = b1 ]
	db_is queued "select status from pl.jobs where id = '$first'"
	run -0 work papers
	[ -z "$output" ]
	[ "$(held papers)" = 'a1 a2 a3' ]
	[ "$(held default)" = b1 ]
	account_is_true
}

@test "a second run into another collection stores there, and is not unchanged" {
	pages first a1 a2 | add --source a
	timeout 60 pl-worker --burst
	pages first a1 a2 | add --source a
	[ "$(counts)" = '0 new, 2 unchanged' ]
	pages first a1 a2 | add --source a --collection papers
	[ "$(counts)" = '2 new, 0 unchanged' ]
	timeout 60 pl-worker --burst -- \
		'pl-chunk | pl-embed --dimensions 256 | pl-store --collection papers'
	[ "$(held papers)" = 'a1 a2' ]
	[ "$(pl-search -k 1 --collection papers first text of a1 |
		jq -r .url)" = a1 ]
	# Now it is unchanged, there and in the first one.
	pages first a1 a2 | add --source a --collection papers
	[ "$(counts)" = '0 new, 2 unchanged' ]
	pages first a1 a2 | add --source a --collection default
	[ "$(counts)" = '0 new, 2 unchanged' ]
	account_is_true
}

@test "pl run does not do the job of another collection, nor take a document for unchanged" {
	mkdir a b
	echo 'The first text of a1.' >a/a1.md
	echo 'The first text of b1.' >b/b1.md
	pl-ingest a 2>/dev/null | pl-enqueue --source a --collection notes >job
	run -0 pl run --source b b
	[ "$(bound)" = 'notes|processing@notes' ]
	db_is queued "select status from pl.jobs where id = '$(job_id)'"
	run -0 pl run --source a a -- \
		'pl-chunk | pl-embed --dimensions 256 | pl-store --collection papers'
	[[ $output == *'1 stored'* ]]
	[ "$(pl-search -k 1 --collection papers first text |
		jq -r .url | grep -o 'a1.md')" = a1.md ]
	db_is 'default|1,papers|1' "select string_agg(x, ',' order by x) from
	    (select collection || '|' || count(*) as x from pl.stored_documents
	    group by collection) c"
}

@test "with two collections, each one stores a change, and verify names the one that lacks it" {
	pages first a b | add
	timeout 60 pl-worker --burst
	pages first a b | add --collection papers
	work papers
	pages second a | add --collection default
	timeout 60 pl-worker --burst
	[ "$(held default), $(held papers)" = 'a b, b' ]
	run -1 --separate-stderr pl-jobctl verify
	[ "$(wc -l <<<"$output")" = 1 ]
	[[ $output == *'collection papers: 1 documents have an older text'* ]]
	{ pages second a && pages first b; } | add --collection papers
	[ "$(counts)" = '1 new, 1 unchanged' ]
	run -0 timeout 60 pl-worker --burst
	work papers
	[ "$(held default), $(held papers)" = 'a b, a b' ]
	account_is_true
}

# held_back: a burst for the collection default, whose pipeline has read the document
# but stores it only when the file go is there; as $pid.
held_back() {
	cat >gate <<-'END'
		#!/bin/bash
		while IFS= read -r line; do
			touch came
			until [ -e go ]; do
				sleep 0.05
			done
			printf '%s\n' "$line"
		done
	END
	chmod +x gate
	rm -f came go
	PL_REDIS_URL=none timeout 60 pl-worker --burst -- \
		"$stages | ./gate | pl-store" 3>&- &
	pid=$!
	wait_until 20 test -e came
}

# What waits is due now.
hurry() {
	db "update pl.tasks set run_at = now() where run_at > now()"
	db_is 0 "select count(*) from pl.tasks where status = 'in_progress'"
}

@test "a text that changes for one collection while it is stored into another one goes to both" {
	pages first a b | PL_REDIS_URL=none add
	first=$(job_id)
	held_back
	pages second a | PL_REDIS_URL=none add --collection papers
	touch go
	wait_until 20 db_is content_changed "select error->>'code'
	    from pl.job_documents where job_id = '$first' and status = 'pending'"
	wait_until 20 hurry
	wait "$pid"
	[ "$(held default), $(held papers)" = 'a b, ' ]
	db_is 'stored|0' "select status, max(attempts) from pl.job_documents
	    where job_id = '$first' group by 1"
	work papers
	[ "$(held default), $(held papers)" = 'a b, a' ]
	account_is_true
}

@test "a text that changes while it is stored is left to the later job of its collection" {
	pages first a b | PL_REDIS_URL=none add --collection default
	first=$(job_id)
	held_back
	pages second a | PL_REDIS_URL=none add --collection default
	touch go
	wait "$pid"
	[ "$(held default)" = 'a b' ]
	db_is '2|1' "select stored, (select count(*) from pl.tasks
	    where job_id = j.id) from pl.jobs j where id = '$first'"
	account_is_true
}

@test "an explicit queue, and a pipeline that names a collection: bound once, then in its queue" {
	pages first a | add --queue fast
	[ "$(bound), $(in_redis fast)" = 'none|fast, 1' ]
	work papers --queue fast
	[ "$(bound), $(in_redis fast)" = 'papers|fast@papers, 0' ]
	[ "$(held papers)" = a ]
	pages second a | add --queue fast
	[ "$(bound)" = 'papers|fast@papers' ]
	[ "$(in_redis fast), $(in_redis fast@papers)" = '0, 1' ]
	# A pause of the queue holds the tasks of both; so does an ordinary job.
	pages first b | add --queue fast --source b
	pl-jobctl pause fast --reason holiday >paused
	run -75 work papers --queue fast
	[[ $output == *"tasks left in paused queues: 2"*"fast is paused: holiday: 'pl-jobctl resume fast'"* ]]
	run -75 timeout 60 pl-worker --burst --queue fast
	[ "$(held papers)" = '' ]
	pl-jobctl resume fast >resumed
	work papers --queue fast
	timeout 60 pl-worker --burst --queue fast
	[[ $(held papers) == a* ]]
	account_is_true
}

# upgraded: a database of version 8 with a job of two tasks, brought up to date.
upgraded() {
	local schema=$PL_TEST_ROOT/lib/store/schema files=() v
	empty_servers
	for v in 1 2 3 4 5 6 7 8; do
		files+=(-f "$schema/00$v.sql" -c
			"insert into pl.schema_version (version) values ($v)")
	done
	psql -Xq -1 -v ON_ERROR_STOP=1 -c 'set client_min_messages = warning' \
		"${files[@]}" "$PL_DATABASE_URL" >made
	db "select count(pl.save_document('old', 'page' || n,
	        'The first text of page' || n)) from generate_series(1, 60) n;
	    select count(pl.enqueue('old'))" >saved
	pl-jobctl init >/dev/null
	db "select json_build_object('id', id) from pl.jobs" >job
	[ "$(bound)" = 'none|processing' ]
}

@test "a job that is open at the upgrade is done by who claims it first" {
	for url in "$PL_REDIS_URL" none; do
		for name in papers default; do
			upgraded
			PL_REDIS_URL=$url run -0 work "$name"
			[ -z "$output" ]
			[[ $(bound) == "$name|"* ]]
			db_is "$name|60" "select collection, count(*)
			    from pl.stored_documents group by 1"
			db_is completed 'select status from pl.jobs'
			account_is_true
		done
	done
}

# Two workers of two collections at once, without Redis: PL_REDIS_URL says so, or
# the server is away.
two_workers() {
	local one two status=0
	pages first a{1..9} | add --source a --collection papers --batch 2
	[ "$(bound)" = 'papers|processing@papers' ]
	pages first b{1..9} | add --source b --collection default --batch 2
	[ "$(bound)" = 'default|processing' ]
	pages first c{1..9} | add --source c --batch 2
	[ "$(bound)" = 'none|processing' ]
	work papers 2>one 3>&- &
	one=$!
	timeout 60 pl-worker --burst 2>two 3>&- &
	two=$!
	wait "$one" || status=$?
	wait "$two" || status=$?
	cat one two
	# The last one bound it after the first one had looked: it did it, too.
	[ "$status" = 0 ]
	[ "$(held papers default | tr -d 'bc0-9 ')" = aaaaaaaaa ]
	[ "$(held default | tr -d 'c0-9 ')" = bbbbbbbbb ]
	db_is 27 'select count(*) from pl.stored_documents'
	db_is 1 "select count(distinct l.collection) from pl.stored_documents l
	    join pl.documents d on d.id = l.document_id where d.url like 'c%'"
	account_is_true
}

@test "without Redis, two workers of two collections take what is theirs" {
	PL_REDIS_URL=none two_workers
}

@test "while Redis is away, two workers of two collections take what is theirs" {
	stop_redis
	two_workers
}

@test "a task that waits in the queue of another collection is found by its own workers" {
	for url in "$PL_REDIS_URL" none; do
		fresh_servers
		pages first a{1..9} | PL_REDIS_URL=$url add --batch 2 \
			--collection papers
		# As when the job is bound while pl-enqueue adds tasks to it.
		db "update pl.tasks set queue = 'processing'"
		redis flushall
		PL_REDIS_URL=$url run -0 work papers
		[ -z "$output" ]
		[ "$(held papers)" = "$(echo a{1..9})" ]
		account_is_true
	done
}

@test "documents that lost their task get one in the queue of their collection" {
	pages first a b | add --collection papers
	db "update pl.job_documents set task_id = null; delete from pl.tasks"
	pl-jobctl sync >/dev/null
	[ "$(bound)" = 'papers|processing@papers' ]
	work papers
	[ "$(held papers)" = 'a b' ]
}

@test "stage by stage, the ledger is written by hand, and a run continues with it" {
	pages first a b >pages
	pl-ingest --source s pages 2>/dev/null | PL_REDIS_URL=none pl-chunk |
		pl-embed | pl-store --collection papers >stored
	[ "$(grep -c '"type":"stored"' stored)" = 2 ]
	db_is 'papers|2|2|0' "select collection, count(*), count(recipe),
	    count(*) filter (where stale) from pl.stored_documents group by 1"
	# The first run saves the texts, which a store by hand does not.
	pl-ingest --source s pages 2>/dev/null | add
	work papers
	[ "$(held papers)" = 'a b' ]
	pl-ingest --source s pages 2>/dev/null | add
	[ "$(counts)" = '0 new, 2 unchanged' ]
	# By hand again: what it stores is unchanged for the next run.
	pages second a >more
	pl-ingest --source s more 2>/dev/null | tee document | pl-chunk |
		pl-embed | pl-store --collection papers >stored
	add <document
	[ "$(bound)" = 'papers|processing@papers' ]
	work papers
	[ "$(held papers)" = 'a b' ]
	account_is_true
}

@test "a stage that drops the recipe: stored, unchanged, and not refused" {
	pages first a | add
	timeout 60 pl-worker --burst -- \
		"$stages | jq --unbuffered -c 'del(.recipe, .query)' | pl-store"
	db_is 'a||f' 'select d.url, l.recipe, l.stale from pl.stored_documents l
	    join pl.documents d on d.id = l.document_id'
	pages first a | add
	[ "$(counts)" = '0 new, 1 unchanged' ]
	# The next one brings the collection its recipe. The other one stays.
	pages first a b | add
	[ "$(counts)" = '1 new, 1 unchanged' ]
	timeout 60 pl-worker --burst
	pages first a b | add
	[ "$(counts)" = '0 new, 2 unchanged' ]
	# And a document without a recipe is stored among those that have one.
	pages second b | add
	run -0 timeout 60 pl-worker --burst -- \
		"$stages | jq --unbuffered -c 'del(.recipe)' | pl-store"
	[ "$(held default)" = 'a b' ]
	account_is_true
}

@test "a new version of the chunker stores, and the others are older, not stale" {
	local newer="$stages | jq --unbuffered -c 'if .type == \"end\"
	    then .recipe.chunk |= sub(\"^pl/1 \"; \"pl/2 \") else . end' | pl-store"
	pages first a b c | add
	timeout 60 pl-worker --burst
	pages second a | add
	timeout 60 pl-worker --burst -- "$newer"
	db_is '0|2' 'select count(*) filter (where stale),
	    count(*) filter (where older) from pl.stored_documents'
	pages first b c | add
	[ "$(counts)" = '0 new, 2 unchanged' ]
	# A colleague with the older release is not stopped.
	pages second b | add
	run -0 timeout 60 pl-worker --burst
	[ "$(held default)" = 'a b c' ]
	db_is '2|pl/2' "select (select count(*) from pl.stored_documents where older),
	    split_part(r.chunk, ' ', 1) from pl.collections c
	    join pl.recipes r on r.id = c.recipe"
	account_is_true
}

# refused_with TEXT: the last burst was refused, and the tasks are as before.
refused_with() {
	[ "$status" = 1 ]
	[[ $output == *"$1"* ]]
	[[ $output == *"another collection"* ]]
	[[ $output == *"'pl-jobctl collection recipe default --take'"* ]]
	db_is '0|0' "select sum(attempts), count(*) filter
	    (where status <> 'pending') from pl.job_documents
	    where job_id = '$(job_id)'"
	db_is 'queued' "select distinct status from pl.tasks
	    where job_id = '$(job_id)'"
	db_is 0 'select count(*) from pl.queues where paused_at is not null'
}

@test "one colleague's other chunk size is refused with both remedies, and nothing is parked" {
	pages first a b | add
	timeout 60 pl-worker --burst
	pages second a b | add
	run timeout 60 pl-worker --burst -- \
		'pl-chunk --max 800c | pl-embed | pl-store'
	refused_with 'max=800c'
	[ "$(in_redis processing)" = 1 ]
	[ "$(held default)" = '' ]
	db_is 'pl/1 max=800c' "select substring(r.chunk from '^[^ ]* [^ ]*')
	    from pl.collections c join pl.recipes r on r.id = c.refused"
	# With other vectors, too, and by hand; the other colleagues go on.
	run timeout 60 pl-worker --burst -- \
		'pl-chunk | pl-embed --prefix "about: " | pl-store'
	refused_with 'prefix='
	run -3 bash -o pipefail -c "pl-jobctl documents $(job_id) |
		pl-chunk --max 800c | pl-embed | pl-store"
	[[ $output == *wrong_recipe* ]]
	timeout 60 pl-worker --burst
	[ "$(held default)" = 'a b' ]
	account_is_true
}

@test "a document without vectors is stored, and asks nothing of the recipe" {
	# A stage leaves out what is boilerplate: all of this document.
	local some="jq --unbuffered -c 'if .url != \"empty\" then .
	    elif .type == \"end\" then .chunks = 0 else empty end'"
	pages first empty >empty
	add <empty
	timeout 60 pl-worker --burst -- "pl-chunk | $some | pl-embed | pl-store"
	db_is '0|f' 'select chunks, stale from pl.stored_documents'
	add <empty
	[ "$(counts)" = '0 new, 1 unchanged' ]
	# It was the first one of the collection, whose vectors come later.
	pages first a | add --source other
	timeout 60 pl-worker --burst
	[ "$(held default)" = a ]
	# Other vectors: without any it fits.
	pages second empty | add
	run -0 timeout 60 pl-worker --burst -- \
		"pl-chunk | $some | pl-embed --prefix x | pl-store"
	[ "$(held default)" = a ]
	db_is 2 'select count(*) from pl.stored_documents'
	account_is_true
}

@test "a vocabulary file that changes is another recipe" {
	/usr/bin/python3 -S - >words <<-'END'
	import base64
	tokens = [bytes([a]) for a in range(256)]
	tokens += [bytes([a, b]) for a in range(256) for b in range(256)]
	for rank, token in enumerate(tokens):
	    print(base64.b64encode(token).decode(), rank)
	END
	local with='pl-chunk --max 100t --target 50t --tokenizer words |'
	with+=' pl-embed | pl-store'
	pages first a b | add
	timeout 60 pl-worker --burst -- "$with"
	db_is t "select bool_and(r.chunk ~ ' tokenizer=sha256:[0-9a-f]{64}( |\$)')
	    from pl.collections c join pl.recipes r on r.id = c.recipe"
	# Under another name it is the same.
	cp words same
	pages second a | add
	run -0 timeout 60 pl-worker --burst -- "${with/words/same}"
	echo "$(printf the | base64) 65792" >>words
	pages second b | add
	run timeout 60 pl-worker --burst -- "$with"
	refused_with 'tokenizer='
	run -0 timeout 60 pl-worker --burst -- "${with/words/same}"
	[ "$(held default)" = 'a b' ]
	account_is_true
}

@test "metadata alone changes in two collections, and nothing is embedded" {
	stages='pl-chunk --metadata | pl-embed'
	with() {
		pages first a b | jq -c --argjson n "$1" '.metadata = {n: $n}'
	}
	with 1 | add
	work default
	with 1 | add --collection papers
	work papers
	with 2 | add --collection papers
	[ "$(counts)" = '0 new, 2 unchanged' ]
	db_is '2|2' "select (select count(*) from pl.chunks_default
	        where metadata->>'n' = '2'),
	    (select count(*) from pl.chunks_papers where metadata->>'n' = '2')"
	account_is_true
}

@test "--all stores again what is unchanged, in the job's collection alone" {
	pages first a b | add
	timeout 60 pl-worker --burst
	pages first a b | add --collection papers
	work papers
	before=$(db 'select max(stored_at) from pl.stored_documents')
	pages first a b | add --all
	[ "$(bound), $(counts)" = 'papers|processing@papers, 2 new, 0 unchanged' ]
	run -0 timeout 60 pl-worker --burst
	run -0 work papers
	db_is 'default|0,papers|2' "select string_agg(x, ',' order by x) from
	    (select collection || '|' || count(*) filter
	        (where stored_at > '$before') as x
	    from pl.stored_documents group by collection) c"
	[ "$(held default), $(held papers)" = 'a b, a b' ]
	account_is_true
}

@test "a deleted document leaves every collection, and comes back where it was asked for" {
	pages first a b | add
	timeout 60 pl-worker --burst
	pages first a b | add --collection papers
	work papers
	db "select pl.delete_document('default', 'a')"
	[ "$(held default), $(held papers)" = 'b, b' ]
	db_is '1|1|2' 'select (select count(*) from pl.chunks_default),
	    (select count(*) from pl.chunks_papers),
	    (select count(*) from pl.collection_documents)'
	account_is_true
	pages first a b | add --collection default
	[ "$(counts)" = '1 new, 1 unchanged' ]
	timeout 60 pl-worker --burst
	[ "$(held default), $(held papers)" = 'a b, b' ]
	pages first a b | add --collection papers
	[ "$(counts)" = '1 new, 1 unchanged' ]
	work papers
	[ "$(held default), $(held papers)" = 'a b, a b' ]
	account_is_true
}

@test "a worker whose option and pipeline name two collections does not start" {
	pages first a | add
	run -2 timeout 60 pl-worker --burst --collection papers -- \
		"$stages | pl-store --collection other"
	[[ $output == *'the collection is papers, but the pipeline stores into other'* ]]
	PL_COLLECTION=papers run -2 work other
	[ "$(bound)" = 'none|processing' ]
	# A script hides its pl-store: PL_COLLECTION goes with it.
	printf '#!/bin/sh\n%s | pl-store\n' "$stages" >script
	chmod +x script
	run -0 timeout 60 pl-worker --burst --collection papers -- ./script
	[ "$(held papers), $(held default)" = 'a, ' ]
}

@test "pl-store writes into no other collection than that of the job" {
	printf '#!/bin/sh\n%s | pl-store --collection papers\n' "$stages" >script
	chmod +x script
	pages first a | add --collection default
	run -1 timeout 60 pl-worker --burst -- ./script
	[[ $output == *'the pipeline cannot run'*'another collection than papers'* ]]
	db_is 'queued|0' 'select status, (select sum(attempts)
	    from pl.job_documents) from pl.tasks'
	db_is 0 'select count(*) from pl.collection_documents'
	db_is 0 'select count(*) from pl.queues where paused_at is not null'
	timeout 60 pl-worker --burst
	[ "$(held default), $(held papers)" = 'a, ' ]
	account_is_true
}

@test "a burst that leaves tasks to other collections names them and the command" {
	pages first a{1..5} | add --source a --batch 2 --collection papers
	pages first b | add --source b --collection notes --queue fast
	run -0 timeout 60 pl-worker --burst --queue fast --queue processing
	[[ $output == *"tasks left for collection notes: 1: 'pl worker\
 --collection notes' takes them"* ]]
	[[ $output == *"tasks left for collection papers: 3: 'pl worker\
 --collection papers' takes them"* ]]
	# Tasks of queues that it does not serve are no matter of its own.
	run -0 timeout 60 pl-worker --burst
	[[ $output != *notes* && $output == *papers* ]]
	# A worker that leaves jobs of no collection names them, too.
	pages first c | add --source c
	run -0 timeout 60 pl-worker --burst --collection papers --no-unbound
	[[ $output == *'tasks left of jobs for no collection yet: 1'* ]]
	run -0 work notes --queue fast
	[ -z "$output" ]
	run -0 timeout 60 pl-worker --burst
	[ -z "$output" ]
	account_is_true
}
