# What pl-enqueue says of a run: what is unchanged and where, what a dry run
# found, and texts that came by other urls.

load helpers
load jobs

# run_of PATH [OPTION...]: read PATH, enqueue it as source notes, and store it.
run_of() {
	pl-ingest "$1" | pl-enqueue --source notes --collection default "${@:2}"
	timeout 50 pl-worker --burst
}

# recipe CHUNK EMBED: as if a run had brought it to the collection default, after
# documents whose recipe is not known.
recipe() {
	db "update pl.collection_documents set recipe = null;
	    update pl.collections set recipe = pl.recipe_id('$1', '$2', null)
	    where name = 'default'"
}

# said: what pl-enqueue says of the unchanged documents of notes.
said() {
	pl-ingest notes | pl-enqueue --source notes 2>&1 >/dev/null
}

@test "unchanged documents are counted with their collection and its recipe" {
	notes 3
	run_of notes
	[ "$(said)" = 'pl-enqueue: 3 unchanged in collection default (pl/1 max=1600c, hash-512-v1)' ]
	# The words that are not pl's defaults are shown, in one line.
	recipe 'pl/2 max=800c target=800c overlap=80 context=off' \
		'model=m role=document dimensions=256 prefix="a text: "'
	[ "$(said)" = 'pl-enqueue: 3 unchanged in collection default (pl/2..., m dimensions=256...)' ]
}

@test "of an unknown recipe the model is shown, and nothing when all is new" {
	notes 2
	run -0 --separate-stderr run_of notes
	[ -z "$stderr" ]
	db "update pl.collections set recipe = null"
	[ "$(said)" = 'pl-enqueue: 2 unchanged in collection default (hash-512-v1)' ]
}

@test "a dry run says what is new, changed, again, unchanged and gone, and where it goes" {
	notes 5
	run_of notes
	recipe 'pl/1 max=1600c' 'model=hash-512-v1 role=document'
	rm notes/1.md
	echo more >>notes/2.md
	echo '# New' >notes/6.md
	before=$(db 'select count(*), max(changed_at) from pl.documents')
	run -0 --separate-stderr bash -c 'pl-ingest notes |
		pl-enqueue --source notes --dry-run'
	jq . <<<"$output"
	[ "$(jq -c '[.type, .status, .source, .collection, .model, .recipe]' <<<"$output")" = \
		'["job","dry_run","notes","default","hash-512-v1",{"chunk":"pl/1 max=1600c","embed":"model=hash-512-v1 role=document"}]' ]
	[ "$(jq -c '[.documents, .new, .changed, .again, .unchanged, .failed, .gone]' <<<"$output")" = \
		'[5,1,1,0,3,0,1]' ]
	# With --all, all are queued.
	pl-ingest notes | pl-enqueue --source notes --dry-run --all >out
	[ "$(jq -c '[.new, .changed, .again, .unchanged, .gone]' out)" = '[1,1,3,0,1]' ]
	# For another collection, too.
	pl-ingest notes | pl-enqueue --source notes --dry-run \
		--collection papers >out
	[ "$(jq -c '[.collection, .model, .new, .changed, .again, .unchanged]' out)" = \
		'["papers",null,1,1,3,0]' ]
	[ "$(db 'select count(*), max(changed_at) from pl.documents')" = "$before" ]
	[ "$(db 'select count(*) from pl.jobs')" = 1 ]
}

@test "a dry run does not know what is gone without a complete listing" {
	notes 3
	run_of notes
	pl-ingest notes | head -n 2 | pl-enqueue --source notes --dry-run >out
	[ "$(jq -c '[.unchanged, .gone]' out)" = '[2,null]' ]
	pl-enqueue --dry-run </dev/null >out
	[ "$(jq -c '[.documents, .gone, .collection, .source]' out)" = \
		'[0,null,null,null]' ]
}

@test "the same folder by another path is warned of, and --base-url is named" {
	notes 3
	run_of notes
	for dry in --dry-run ''; do
		run -0 --separate-stderr bash -c "pl-ingest '$PWD/notes' |
			pl-enqueue --source notes $dry"
		echo "$stderr"
		[[ $stderr == *"pl-enqueue: source notes had 3 of these texts before, under other urls"*"Give the path as before, or --base-url"* ]]
	done
	[[ $stderr == *" ($PWD/notes/1.md was notes/1.md): "* ]]
	# The next run updates them, so there is nothing to warn of.
	run -0 --separate-stderr bash -c "pl-ingest '$PWD/notes' |
		pl-enqueue --source notes"
	[[ $stderr != *"other urls"* ]]
}

@test "new texts, another source, and a run that updates a document are not warned of" {
	notes 3
	run_of notes
	quiet() {
		run -0 --separate-stderr bash -c "$*"
		echo "$stderr"
		[[ $stderr != *"other urls"* ]]
	}
	quiet "pl-ingest '$PWD/notes' | pl-enqueue --source others"
	notes 9 more
	rm more/[123].md
	quiet 'pl-ingest more | pl-enqueue --source notes'
	# A copy beside a document that is known: the paths are the same.
	cp notes/1.md notes/copy.md
	quiet 'pl-ingest notes | pl-enqueue --source notes'
	mkdir some
	cp notes/1.md some/
	echo changed >notes/2.md
	quiet 'pl-ingest some notes/2.md | pl-enqueue --source notes'
}

@test "with --base-url a folder has the same urls by any path" {
	notes 2
	pl-ingest --base-url notes/ notes |
		pl-enqueue --source notes --collection default
	timeout 50 pl-worker --burst
	run -0 --separate-stderr bash -c "pl-ingest --base-url notes/ '$PWD/notes' |
		pl-enqueue --source notes"
	[[ $stderr == 'pl-enqueue: 2 unchanged in collection default'* ]]
}

@test "--job-file has the job as soon as its first documents are saved" {
	fed pl-enqueue --source s --collection papers --job-file early
	echo '{"url":"1","content":"x"}' >&9
	wait_until 20 test -s "$BATS_TEST_TMPDIR/early"
	[ "$(jq -c '[.type, .source, .collection, .sealed]' early)" = \
		'["job","s","papers",false]' ]
	[ ! -s out ]
	exec 9>&-
	wait "$pid"
	[ "$(jq -r .id early)" = "$(jq -r .id out)" ]
	run -1 --separate-stderr pl-enqueue --job-file none/early </dev/null
	[[ $stderr == 'pl-enqueue: --job-file none/early: No such file or directory' ]]
}

@test "a job's record names its collection; null is a job that no worker has taken" {
	numbered 1 --collection papers
	[ "$(jq -c .collection job)" = '"papers"' ]
	numbered 2 --source free
	[ "$(jq -c 'has("collection"), .collection' job | tr '\n' ' ')" = 'true null ' ]
	[ "$(pl-jobctl --json status "$job" | jq -c .collection)" = null ]
}
