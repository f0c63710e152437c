# Remedies: the commands that messages name. Each is taken out of its message and
# run, and what was wrong must be right then.

load helpers
load jobs

# remedy TEXT [N]: the Nth command in quotes in a message.
remedy() {
	grep -oE "'(pl|pl-[a-z]+|rq|chmod|kill) [^']*'" <<<"$1" |
		sed -n "${2:-1}p" | tr -d "'"
}

# mended TEXT [N]: run that command; it must end well.
mended() {
	local command
	command=$(remedy "$@")
	echo "remedy: $command"
	[ -n "$command" ]
	bash -c "$command" </dev/null
}

# embedded SOURCE N: N documents of a source, stored.
embedded() {
	seq "$2" | jq -c '{url: tostring, content: "text \(.)"}' |
		pl-enqueue --source "$1" >job 2>/dev/null
	job=$(jq -r .id job)
	burst
}

burst() {
	timeout 50 pl-worker --burst -- 'pl-chunk | pl-embed | pl-store' >/dev/null
}

# --- every message in the sources ---------------------------------------------

# named_commands: the commands in quotes of all messages, one a line. Literals of C
# that stand side by side are one text, a quote in SQL is doubled.
named_commands() {
	{
		find "$PL_TEST_ROOT"/src "$PL_TEST_ROOT"/lib -name '*.c' -exec cat {} +
		sed "s/''/'/g" "$PL_TEST_ROOT"/lib/store/sql/*.sql
		grep -v '^[[:space:]]*#' "$PL_TEST_ROOT"/src/pl.sh
	} | tr '\n' ' ' | sed -E 's/"[[:space:]]*\\?[[:space:]]*"//g' |
		grep -oE "'pl(-[a-z]+)? [^'\"|]*" | cut -c 2- | sort -u
}

# is_known COMMAND WORD...: whether tool, commands and options are there.
is_known() {
	local -a tool=("$1")
	shift
	while [ $# -gt 0 ] && "${tool[@]}" --list-options |
		cut -f 1 | grep -qxF -e "$1" && [[ $1 != -* ]]; do
		tool+=("$1")
		shift
	done
	case "${tool[*]} ${1:-}" in
	'pl-jobctl '[a-z]* | 'pl '[a-z]*) [ ${#tool[@]} -gt 1 ] || return 1 ;;
	esac
	for word; do
		[[ $word != -* || $word == -- || $word == --help ]] ||
			"${tool[@]}" --list-options | cut -f 1 |
			grep -qxF -e "${word%%=*}" || return 1
	done
}

@test "every command that a message names exists, with its options" {
	run -0 named_commands
	[ "${#lines[@]}" -gt 40 ]
	wrong=
	for line in "${lines[@]}"; do
		case $line in
		# Of a usage, and of a help that any command has.
		*COMMAND* | *'${'* | 'pl-'*' '[A-Z]*) continue ;;
		esac
		# shellcheck disable=SC2086
		is_known $line || wrong+="$line"$'\n'
	done
	echo "$wrong"
	[ -z "$wrong" ]
	# What is wrong is noticed.
	is_known pl-jobctl retry latest --class transient
	for line in 'pl-jobctl mend x' 'pl-jobctl retry x --harder' 'pl begin'; do
		# shellcheck disable=SC2086
		run ! is_known $line
	done
}

# --- messages, made and obeyed ------------------------------------------------

@test "a wrong option: --help, of every tool and command" {
	for command in pl 'pl run' pl-ingest pl-enqueue pl-chunk pl-embed pl-store \
		pl-search pl-worker pl-webhook pl-jobctl 'pl-jobctl list'; do
		run -2 $command --wrong </dev/null
		mended "$output"
	done
}

@test "no schema: pl-jobctl init" {
	db 'drop schema pl cascade' 2>/dev/null
	run -1 pl-jobctl list
	mended "$output"
	run -0 pl-jobctl list
}

@test "a name that is not known: the list of the names there are" {
	for command in 'source show nobody' 'events show 7' 'pause nowhere' \
		'collection show nobody'; do
		run -1 pl-jobctl $command
		mended "$output"
	done
}

@test "a paused queue: pl-jobctl resume, by worker, health and queues" {
	numbered 1
	for told in 'burst' 'pl-jobctl --table health' 'pl-jobctl queues' \
		"pl-jobctl wait --not-paused $job"; do
		pl-jobctl pause processing --reason holiday >/dev/null 2>&1
		run $told
		mended "$output"
		db_is 0 'select count(*) from pl.queues where paused_at is not null'
	done
	burst
	db_is completed 'select status from pl.jobs'
}

@test "a queue that nobody serves, and tasks that a burst left: pl worker" {
	numbered 1 --queue slow --collection papers
	run burst
	db "insert into pl.workers (name, host, pid, queues)
	    values ('h.1', 'h', 1, '{processing}')"
	run pl-jobctl --table --json health
	remedy=$(remedy "$(jq -r .message <<<"$output" | grep 'no worker serves')")
	[ "$remedy" = 'pl worker --queue slow --collection papers' ]
	# It runs until it is stopped.
	bash -c "exec $remedy" >/dev/null 2>&1 3>&- &
	wait_until 30 db_is completed 'select status from pl.jobs'
	kill $!
	wait $! || true
}

@test "a stuck job: pl-jobctl sync" {
	job=$(pl-jobctl create --source s | jq -r .id)
	db "update pl.jobs set fed_at = now() - interval '2 minutes'"
	run -1 --separate-stderr pl-jobctl health
	mended "$stderr"
	run -0 pl-jobctl health
}

@test "documents that failed: which, and once more" {
	echo '{"url": "a", "content": "Tea."}' >in.jsonl
	run -1 --separate-stderr pl run in.jsonl --source s -- \
		"jq -c --unbuffered '{type: \"error\", stage: \"x\", class: \"input\",
		    code: \"no\", message: \"no tea\", document_id: .id, lease}'"
	# These stand at the ends of their lines, without quotes.
	stderr_told=$stderr
	told=${stderr_told##*why: }
	run -0 bash -c "${told%%$'\n'*}"
	[[ $output == *"no tea"* ]]
	told=${stderr_told##*mended: }
	bash -c "${told%%$'\n'*}"
	burst
	db_is 1 "select count(*) from pl.documents where status = 'stored'"
}

@test "a run that was stopped: pl worker goes on, or pl-jobctl cancel ends it" {
	notes 3
	pl run notes --source s -- 'sleep 60' >/dev/null 2>said 3>&- &
	wait_until 20 db_is 1 "select count(*) from pl.jobs where status = 'in_progress'"
	kill $!
	wait $! || [ $? -eq 75 ]
	[ "$(remedy "$(cat said)" 1)" = 'pl worker' ]
	mended "$(cat said)" 2
	db_is canceled 'select status from pl.jobs'
}

@test "another recipe: pl-jobctl collection recipe --take, then refresh" {
	embedded s 2
	seq 3 4 | jq -c '{url: tostring, content: "text \(.)"}' |
		pl-enqueue --source s >/dev/null
	timeout 50 pl-worker --burst -- 'pl-chunk --max 400c | pl-embed | pl-store' \
		>/dev/null 2>said || true
	mended "$(cat said)"
	run --separate-stderr pl-jobctl verify
	mended "$(jq -r .message <<<"$output")"
}

# violation CHECK: the message of the first violation of that kind.
violation() {
	run --separate-stderr pl-jobctl verify
	jq -r --arg check "$1" 'select(.check == $check).message' <<<"$output" |
		head -n 1
}

@test "verify: what a violation names puts it right" {
	embedded s 3
	# The job's counts.
	psql -XAtq "$PL_TEST_ADMIN_URL" <<-SQL
		set session_replication_role = replica;
		update pl.jobs set stored = 1;
	SQL
	mended "$(violation counts)"
	run -0 pl-jobctl verify
	# Chunks that are gone: two commands, then the work.
	db "delete from pl.chunks_default where document_id =
	    (select id from pl.documents where url = '1')"
	told=$(violation chunks)
	mended "$told" 1 || [ $? -eq 1 ]
	mended "$told" 2
	burst
	run -0 pl-jobctl verify
	# A stored document that the collection does not know.
	db "delete from pl.collection_documents where document_id =
	    (select id from pl.documents where url = '1');
	    delete from pl.chunks_default where document_id =
	    (select id from pl.documents where url = '1')"
	told=$(violation missing)
	mended "$told"
	burst
	run -0 pl-jobctl verify
	# A canceled job whose document still waits.
	numbered 1 --source t
	psql -XAtq "$PL_TEST_ADMIN_URL" <<-SQL
		set session_replication_role = replica;
		update pl.jobs set status = 'canceled', finished_at = now()
		    where id = '$job';
	SQL
	mended "$(violation ended_with_work)"
	burst
	db_is 4 "select count(*) from pl.documents where status = 'stored'"
}
