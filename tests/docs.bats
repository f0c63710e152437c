# What README and the pages show works when it is typed. CONTRIBUTING.md,
# "Pages are tests", says how a command is found and where it runs.

load helpers

setup_file() {
	start_postgres
	start_redis
}

# Make a fresh schema and queue, and a folder as CONTRIBUTING.md describes it;
# change into the folder and set $job.
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

@test "a failing command of a page is noticed" {
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
	# A failure in the middle of a pipe counts, too.
	sed 's/a=one/a=two/' page.7 >wrong.7
	run ! run_page wrong.7
	[[ "$output" == *'grep -q'* ]]
}

@test "a failing command of a Markdown file is noticed" {
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

# wide_cells PAGE: names in the first column of a list that are wider than the column
# is declared, so that some formatters shift or join what stands behind them; also
# brackets as a macro, which some close only at the end of the line.
wide_cells() {
	awk '/^\.Bl -column/ { split($0, part, "\""); width = length(part[2]) }
	    /^\.It Bq .* Ta/ { print }
	    /^\.It Cm .* Ta/ && width {
		name = $0
		sub(/^\.It Cm /, "", name)
		sub(/ Ta.*/, "", name)
		gsub(/ ,/, ",", name)
		if (length(name) > width)
			print
	    }
	    /^\.El/ { width = 0 }' "$1"
}

@test "no columns of pl-record(5) run together" {
	run -0 wide_cells "$PL_TEST_ROOT/man/pl-record.5"
	[ -z "$output" ]
	printf '%s\n' '.Bl -column "url" "string"' '.It Cm source , url Ta string' \
		'.It Bq Cm url Ta string' .El >"$BATS_TEST_TMPDIR/page"
	run -0 wide_cells "$BATS_TEST_TMPDIR/page"
	[ "${#lines[@]}" -eq 2 ]
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

# The options of a tool and of its commands.
all_options() {
	local command second
	"$1" --list-options | cut -f 1 >"$BATS_TEST_TMPDIR/options"
	cat "$BATS_TEST_TMPDIR/options"
	grep -v '^-' "$BATS_TEST_TMPDIR/options" | while read -r command; do
		"$1" "$command" --list-options | cut -f 1 >"$BATS_TEST_TMPDIR/second"
		cat "$BATS_TEST_TMPDIR/second"
		grep -v '^-' "$BATS_TEST_TMPDIR/second" | while read -r second; do
			"$1" "$command" "$second" --list-options | cut -f 1
		done
	done
}

@test "a program's page names its commands and all options" {
	missing=
	for page in "$PL_TEST_ROOT"/man/*.1; do
		[ -e "$page" ] || continue
		name=$(basename "$page" .1)
		mandoc -Tascii "$page" | sed 's/.\x08//g' >"$BATS_TEST_TMPDIR/page"
		while read -r option; do
			grep -qE -- "(^|[^a-z-])$option([^a-z-]|\$)" \
				"$BATS_TEST_TMPDIR/page" ||
				missing="$missing $name:$option"
		done < <(all_options "$name" | sort -u)
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

@test "make html makes each page and doc, and none of its links is dead" {
	local file
	cd "$PL_TEST_ROOT"
	html=$BATS_TEST_TMPDIR/html
	docs/make-html "$html"
	for file in man/*.[157]; do
		echo "$file"
		[ -s "$html/$file.html" ]
		grep -qF "href=\"$file.html\"" "$html/index.html"
	done
	for file in *.md docs/*.md docs/decisions/*.md; do
		echo "$file"
		[ -s "$html/${file%.md}.html" ]
		grep -qF "href=\"${file%.md}.html\"" "$html/index.html"
	done
	# Pages and docs lead to each other.
	grep -qF 'href="pl-record.5.html"' "$html/man/pl-chunk.1.html"
	grep -qF 'href="../man/pl-worker.1.html"' "$html/docs/rq.html"
	grep -qF 'href="docs/architecture.html"' "$html/README.html"
	tests/dead-links "$html"

	echo '<a href="man/pl.7.html#NOWHERE">x</a>' >"$html/wrong.html"
	echo '<a href="nothing.html">x</a>' >>"$html/wrong.html"
	run ! tests/dead-links "$html"
	[ "${#lines[@]}" -eq 2 ]
}

@test "make html says what it needs, and which link of the source is wrong" {
	local copy=$BATS_TEST_TMPDIR/copy
	mkdir -p "$copy/bin"
	cp -R "$PL_TEST_ROOT"/{docs,man,*.md,LICENSE} "$copy"
	cp -R "$PL_TEST_ROOT/examples" "$copy"
	mkdir -p "$copy/tests"
	cp -R "$PL_TEST_ROOT"/tests/{bench,data} "$copy/tests"
	echo 'See [that](docs/nothing.md).' >>"$copy/NEWS.md"
	run ! "$copy/docs/make-html" "$BATS_TEST_TMPDIR/html"
	[[ "$output" == *'NEWS.md: a link to docs/nothing.md, which is not there'* ]]

	ln -s "$(command -v mandoc)" "$(command -v dirname)" "$copy/bin"
	PATH=$copy/bin run ! /bin/sh "$copy/docs/make-html" "$BATS_TEST_TMPDIR/html"
	[[ "$output" == *"cmark-gfm is missing: './setup html' installs it"* ]]
}

# The files that texts name but the tree does not have. A name with NAME, NNN,
# MODULE, FILE or foo is a placeholder; a name with * needs at least one file.
missing_paths() {
	grep -hoE '(^|[^A-Za-z0-9_./-])(\.ci|docs|examples|lib|man|src|tests)/[A-Za-z0-9_.*/-]+' \
		"$@" | sed 's/^[^A-Za-z.]//; s/[.\/]*$//' | sort -u |
		grep -vE 'NAME|NNN|MODULE|FILE' | while read -r path; do
		compgen -G "$path" >/dev/null || echo "$path"
	done
}

# As above, for names without a folder, or with the last part of one.
missing_names() {
	find . -path ./.git -prune -o -path './build*' -prune -o -print \
		>"$BATS_TEST_TMPDIR/tree"
	grep -hoE '`[A-Za-z0-9_./-]+\.(c|h|sql|lua|sh|bats|bash|awk|py|md|txt)`' \
		"$@" | tr -d '`' | sort -u | grep -vE 'NAME|NNN|MODULE|FILE|foo' |
		while read -r name; do
			grep -qE "/${name//./\\.}\$" "$BATS_TEST_TMPDIR/tree" ||
				echo "$name"
		done
}

@test "files that README.md, CONTRIBUTING.md and the docs name are in the tree" {
	cd "$PL_TEST_ROOT"
	ours="README.md CONTRIBUTING.md docs/README.md docs/architecture.md
		docs/style.md docs/verdicts.md $(echo docs/decisions/*.md)"
	run missing_paths README.md CONTRIBUTING.md docs/*.md docs/decisions/*.md
	echo "$output"
	[ -z "$output" ]
	# The other docs also name files of other projects.
	run missing_names $ours
	echo "$output"
	[ -z "$output" ]

	cat >"$BATS_TEST_TMPDIR/wrong.md" <<-'TEXT'
		See `lib/base/buf.c`, lib/base/gone.c, `tests/no-such-thing` and
		(src/pl-gone.c). `src/pl-NAME.c`, `tests/*.bats`; `gone.h`, `buf.h`.
	TEXT
	run missing_paths "$BATS_TEST_TMPDIR/wrong.md"
	[ "$(echo $output)" = 'lib/base/gone.c src/pl-gone.c tests/no-such-thing' ]
	run missing_names "$BATS_TEST_TMPDIR/wrong.md"
	[ "$(echo $output)" = gone.h ]
}

@test "make install installs docs and completions, make uninstall takes them away" {
	local root=$BATS_TEST_TMPDIR/root
	make -s -C "$PL_TEST_ROOT" DESTDIR="$root" PREFIX=/usr install-doc \
		install-completions
	for file in README.md NEWS.md LICENSE docs/architecture.md \
		docs/decisions/README.md; do
		echo "$file"
		cmp "$PL_TEST_ROOT/$file" "$root/usr/share/doc/pl/$file"
	done
	make -n -C "$PL_TEST_ROOT" DESTDIR="$root" PREFIX=/usr install |
		grep -q 'README.md.*share/doc/pl'
	for file in bash-completion/completions/pl-embed zsh/site-functions/_pl \
		fish/vendor_completions.d/pl-embed.fish; do
		grep -q pl-embed "$root/usr/share/$file"
	done
	mkdir "$root/usr/bin"
	make -s -C "$PL_TEST_ROOT" DESTDIR="$root" PREFIX=/usr uninstall
	run find "$root" ! -type d
	[ -z "$output" ]
}
