# What README and the pages show works when it is typed. CONTRIBUTING.md,
# "Pages are tests", says how a command is found and where it runs.

load helpers

setup_file() {
	start_postgres
	start_redis
}

# A fresh schema and queue, and a folder as CONTRIBUTING.md describes it;
# leaves us in it with $job set.
newcomer() {
	local folder
	fresh_servers
	folder=$(mktemp -d "$BATS_TEST_TMPDIR/page.XXXXXX")
	cd "$folder" || return
	cp -R "$PL_TEST_ROOT/examples" .
	cp examples/crawl.json .
	mkdir notes
	cp examples/handbook/{faq,glossary,support}.md notes
	export PL_HOME=$folder/home
	pl-ingest crawl.json >documents || [ $? -eq 3 ]
	pl-enqueue --source demo <documents >enqueued || [ $? -eq 3 ]
	rm documents
	job=$(jq -r 'select(.type == "job").id' enqueued)
	rm enqueued
	export job
	pl-worker --burst -- 'pl-chunk | pl-embed | pl-store' ||
		[ $? -eq 3 ]
}

# run_page FILE: run its commands as one session; on a failure, say which.
run_page() {
	{
		cat <<-'SESSION'
			set -o pipefail
			shown() {
				local expected=$1 text status
				text=$(cat)
				printf '%s\n' "$text" >running
				eval "$text" </dev/null >output 2>&1
				status=$?
				rm running
				case $expected:$status in
				:0 | :3 | :141 | "$status:$status")
					rm -f output
					return
					;;
				esac
				printf '$ %s\n' "$text"
				head -n 20 output
				echo "status $status, expected ${expected:-0 or 3}"
				failed=1
			}
			failed=0
		SESSION
		"$PL_TEST_ROOT/tests/doc-commands" "$1"
		# shellcheck disable=SC2016
		echo 'exit $failed'
	} >session
	grep -q '^shown "' session || return 0
	timeout --kill-after=5 "${PAGE_SECONDS:-120}" bash session || {
		[ ! -e running ] || echo "no end: $(cat running)"
		return 1
	}
}

@test "every command that README.md and CONTRIBUTING.md show works" {
	newcomer
	run_page "$PL_TEST_ROOT/README.md"
	run_page "$PL_TEST_ROOT/CONTRIBUTING.md"
}

@test "every page shows a command" {
	for page in "$PL_TEST_ROOT"/man/*.[157]; do
		echo "$page"
		"$PL_TEST_ROOT/tests/doc-commands" "$page" | grep -q '^shown "'
	done
}

@test "every command that a page shows works" {
	failed=
	for page in "$PL_TEST_ROOT"/man/*.[157]; do
		newcomer
		run_page "$page" || failed="$failed ${page##*/}"
	done
	[ -z "$failed" ] || {
		echo "failed in:$failed"
		false
	}
}

@test "a command of a page that fails is noticed" {
	cd "$BATS_TEST_TMPDIR"
	cat >page.7 <<-'PAGE'
		.Dd January 1, 2026
		.Dt PAGE 7
		.Os
		.Sh NAME
		.Nm page
		.Nd one of each
		.Sh EXAMPLES
		.Bd -literal -offset indent
		$ a=one
		output
		$ echo "$a" |
		      grep -q \e
		          one
		.\" status: 2
		$ (exit 2)
		.\" not run: has no end
		$ sleep infinity
		.Ed
	PAGE
	mandoc -Tlint -Wwarning page.7
	run_page page.7
	[ "$(grep -c '^shown "' session)" -eq 3 ]
	grep -q '^# not run: sleep infinity$' session

	sed 's/(exit 2)/(exit 1)/' page.7 >wrong.7
	run ! run_page wrong.7
	[[ "$output" == *'$ (exit 1)'*'status 1, expected 2'* ]]
	# A status in the middle of a pipe counts as well.
	sed 's/a=one/a=two/' page.7 >wrong.7
	run ! run_page wrong.7
	[[ "$output" == *'grep -q'* ]]
}

@test "a command of a Markdown file that fails is noticed" {
	cd "$BATS_TEST_TMPDIR"
	cat >page.md <<-'PAGE'
		<!-- not run: has no end -->
		```sh
		sleep infinity    # really
		```

		```
		not a command
		```

		```sh
		# a comment
		a=one
		echo "$a" |
		    grep -q one
		```
	PAGE
	run_page page.md
	[ "$(grep -c '^shown "' session)" -eq 2 ]
	sed 's/a=one/a=two/' page.md >wrong.md
	run ! run_page wrong.md
}

@test "every program has a page, and a row in README.md" {
	for source in "$PL_TEST_ROOT"/src/pl-*.c "$PL_TEST_ROOT"/src/pl*.sh; do
		[ -e "$source" ] || continue
		name=$(basename "$source" | sed 's/\.[a-z]*$//')
		echo "$name"
		[ -e "$PL_TEST_ROOT/man/$name.1" ]
		grep -qF "(man/$name.1)" "$PL_TEST_ROOT/README.md"
	done
}

# The options of a --help: what begins its lines, up to two spaces.
help_options() {
	sed -n 's/^ *\(-[-a-zA-Z]\)/\1/p' | sed 's/  .*//' |
		grep -oE -- '--[a-z][a-z-]+' | sort -u
}

@test "a program's page names every option that its --help names" {
	missing=
	for page in "$PL_TEST_ROOT"/man/*.1; do
		[ -e "$page" ] || continue
		name=$(basename "$page" .1)
		mandoc -Tascii "$page" | sed 's/.\x08//g' >"$BATS_TEST_TMPDIR/page"
		"$name" --help >"$BATS_TEST_TMPDIR/help"
		while read -r option; do
			grep -qE -- "$option([^a-z-]|\$)" \
				"$BATS_TEST_TMPDIR/page" ||
				missing="$missing $name:$option"
		done < <(help_options <"$BATS_TEST_TMPDIR/help")
	done
	echo "not in the page:$missing"
	[ -z "$missing" ]
}

@test "links of README.md lead somewhere" {
	grep -oE '\]\([^)#]+' "$PL_TEST_ROOT/README.md" | cut -c3- |
		while read -r link; do
			case $link in *://*) continue ;; esac
			echo "$link"
			[ -e "$PL_TEST_ROOT/$link" ]
		done
}

@test "the targets that README.md names are there" {
	[ -x "$PL_TEST_ROOT/setup" ]
	make -C "$PL_TEST_ROOT" -n demo check >/dev/null
}
