# Progress of a run on a terminal: one program shows it, in one line.

load helpers
load jobs

setup() {
	jobs_setup
	unset COLUMNS PL_PROGRESS NO_COLOR
}

# on_screen COMMAND: run it on a terminal; what it writes there, each line that is
# written over another one as a line of its own.
on_screen() {
	TERM=xterm script -qec "$1" /dev/null | tr '\r' '\n'
}

@test "under pl run there is one line of progress, with bar, total and rate" {
	notes 300
	run -0 on_screen "pl run --source notes notes"
	[[ $output == *'[##############################] 300 of 300 documents, '*/s* ]]
	# Nobody else counts documents, and no line is wider than the screen.
	run ! grep -E '^pl-(ingest|enqueue|chunk|embed|store): [0-9]+ ' <<<"$output"
	[ "$(wc -L <<<"$output")" -le 80 ]
	# Without a terminal, and with --quiet, there is none.
	for options in '--all' '--all --quiet'; do
		pl run $options --source notes notes >out 2>err
		run ! grep -F -e '] ' -e 'of 300' err
	done
	run -0 on_screen "pl run --all --quiet --source notes notes"
	[ -z "$output" ]
}

@test "pl run shows the progress also while it reads, and messages clear the line" {
	mkfifo slow
	cat >noisy <<-'END'
		#!/bin/sh
		while read -r line; do
			echo oops >&2
			printf '%s\n' "$line"
		done
	END
	chmod +x noisy
	TERM=xterm script -qec "pl run --source slow - <slow -- './noisy |
	    pl-chunk | pl-embed | pl-store'" /dev/null >raw </dev/null 3>&- &
	exec 5>slow
	echo '{"url": "first", "content": "the first"}' >&5
	wait_until 20 grep -q '\] 1 of 1 documents' raw
	echo '{"url": "second", "content": "the second"}' >&5
	wait_until 20 grep -q '\] 2 of 2 documents' raw
	exec 5>&-
	wait $!
	tr '\r' '\n' <raw >screen
	grep -q '2 documents: 2 stored' screen
	# What the stages say does not stand behind the bar.
	grep -q $'^\033\\[K.*oops' screen
	run ! grep -q 'documents.*oops' screen
}
