# Options and help: the same dialogue in every tool, from one table each, and
# what the shells complete.

load helpers

tools='pl pl-ingest pl-enqueue pl-chunk pl-embed pl-store pl-worker pl-jobctl pl-search pl-webhook'

# commands_of TOOL [COMMAND]: its commands
commands_of() {
	"$@" --list-options | cut -f 1 | grep -v '^-'
}

# each_help FUNCTION: call it for every tool and command.
each_help() {
	local tool command second
	for tool in $tools; do
		"$1" "$tool"
		case $tool in
		pl | pl-jobctl)
			for command in $(commands_of "$tool"); do
				"$1" "$tool" "$command"
				for second in $(commands_of "$tool" "$command"); do
					"$1" "$tool" "$command" "$second"
				done
			done
			;;
		esac
	done
}

# The long options that "$@ --help" shows; it ends with an example or two.
options_in_help() {
	"$@" --help | grep -oE '^ +(-[a-z], )?--[a-z-]+(, --version)?' |
		grep -oE -- '--[a-z-]+' | sort
}

options_listed() {
	"$@" --list-options | cut -f 1 | grep -e -- | sort
}

@test "every --help begins with its usage, and fits 80 columns" {
	check() {
		run -0 --separate-stderr "$@" --help
		[[ $output == "usage: $* "* ]] || [[ $output == "usage: $* COMMAND"* ]]
		[ -z "$stderr" ]
		[ -z "$(awk 'length > 80 || / $/' <<<"$output")" ]
	}
	each_help check
}

@test "--list-options names what --help shows" {
	check() {
		echo "$*"
		[ "$(options_listed "$@")" = "$(options_in_help "$@")" ]
		# A list of words stands for each of them.
		[ -z "$("$@" --list-options | cut -f 2 | grep '[][.A-Z]|\||[A-Z]')" ]
		[ -z "$("$@" --list-options | awk -F'\t' 'NF != 3 || $3 == ""')" ]
	}
	each_help check
	[ "$(pl-embed --list-options | grep -c .)" -gt 15 ]
}

@test "an option that is nearly right is answered with the right one" {
	while IFS='|' read -r tool wrong right; do
		run -2 --separate-stderr $tool "$wrong"
		[ -z "$output" ]
		[[ $stderr == *": option '$wrong' is not known: did you mean '$right'?; see '$tool --help'" ]]
	done <<-'END'
		pl|--hlep|--help
		pl run|--sorce|--source
		pl worker|--brust|--burst
		pl-ingest|--formts|--formats
		pl-enqueue|--max-attempt5|--max-attempts
		pl-chunk|--ovrelap|--overlap
		pl-embed|--batchbytes|--batch-bytes
		pl-store|--colection|--collection
		pl-worker|--windows|--window
		pl-jobctl|--jsno|--json
		pl-jobctl retry|--clas5|--class
		pl-jobctl source add|--verfier|--verifier
		pl-search|--limits|--limit
	END
}

@test "a command that is nearly right is answered with the right one" {
	run -2 --separate-stderr pl wrok
	[ "$stderr" = "pl: 'wrok' is no command; see 'pl --help'" ]
	run -2 --separate-stderr pl worke
	[ "$stderr" = "pl: 'worke' is no command: did you mean 'worker'?; see 'pl --help'" ]
	run -2 --separate-stderr pl-jobctl cancle
	[ "$stderr" = "pl-jobctl: 'cancle' is no command: did you mean 'cancel'?; see 'pl-jobctl --help'" ]
	run -2 --separate-stderr pl-jobctl qqqqqqqq
	[ "$stderr" = "pl-jobctl: 'qqqqqqqq' is no command; see 'pl-jobctl --help'" ]
}

@test "what is wrong with an option or its value is said in the same words" {
	while IFS='|' read -r command words; do
		run -2 --separate-stderr $command
		[ -z "$output" ]
		[[ $stderr == *": $words; see '"*" --help'" ]]
		[ "$(wc -l <<<"$stderr")" = 1 ]
	done <<-'END'
		pl-chunk -z|option '-z' is not known
		pl-jobctl wait x --rout|option '--rout' is not known
		pl-enqueue --queue=|--queue needs a name
		pl-worker --queue=|--queue needs a name
		pl-enqueue --ma 3|option '--ma' is ambiguous: --max-attempts, --max-delete, --max-record
		pl-enqueue --all=3|option '--all' takes no value
		pl run --json=3|option '--json' takes no value
		pl run --foo=3|option '--foo' is not known
		pl run --sou.ce x|option '--sou.ce' is not known: did you mean '--source'?
		pl-enqueue --batch|option '--batch' needs a value
		pl run --source|option '--source' needs a value
		pl-enqueue --batch 0|--batch '0': expected a whole number from 1 to 10000
		pl-enqueue --batch 1e3|--batch '1e3': expected a whole number from 1 to 10000
		pl-store --batch-bytes 2GiB|--batch-bytes '2GiB': expected a size such as 64KiB or 16MiB, from 1 to 1073741824 bytes
		pl-worker --grace soon|--grace 'soon': expected a duration such as 250ms, 30s, 5m or 1h, from 0 ms to 24 h 00 m
		pl-store --distance far|--distance 'far': expected cosine, l2 or ip
		pl-chunk --invalid no|--invalid 'no': expected replace or reject
		pl-jobctl fail x --class bad|--class 'bad': expected transient, throttled, quota, input, config or internal
		pl-jobctl retry|an argument is missing: JOB
		pl-jobctl init now|too many arguments: expected none
	END
}

@test "the command line is over the environment, and that over the default" {
	model() {
		echo '{"type":"chunk","id":"1","document_id":"1","index":0,"text":"a"}' |
			pl-embed "$@" | jq -r '.embedding | length'
	}
	[ "$(model)" = 512 ]
	export PL_EMBED_DIMENSIONS=64
	[ "$(model)" = 64 ]
	[ "$(model --dimensions 32)" = 32 ]
	[ "$(PL_EMBED_DIMENSIONS='' model)" = 512 ]
	[ "$(PL_EMBED_DIMENSIONS=many model --dimensions 32)" = 32 ]
	PL_EMBED_DIMENSIONS=many run -0 pl-embed --help
	PL_EMBED_DIMENSIONS=many run -2 --separate-stderr pl-embed </dev/null
	[[ $stderr == "pl-embed: PL_EMBED_DIMENSIONS 'many': expected a whole number from 1 to "* ]]
}

@test "an option may be shortened, and its value joined" {
	run -0 pl-chunk --estim --max=400t </dev/null
	run -0 pl-chunk -m400c -j 2 </dev/null
}

# Completion.

# bash_completes WORD...: what bash offers for the last of them.
bash_completes() {
	bash --norc -c '
		. "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_pl "$1" "${@: -1}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"' - \
		"$PL_TEST_ROOT/completions/pl.bash" "$@"
}

# zsh_completes TEXT...: as tests/complete.zsh says.
zsh_completes() {
	timeout 120 zsh -f "$PL_TEST_ROOT/tests/complete.zsh" \
		"$PL_TEST_ROOT/completions" "$@"
}

fish_completes() {
	HOME=$BATS_TEST_TMPDIR fish -c "
		source '$PL_TEST_ROOT/completions/pl.fish'
		complete -C '$*'"
}

@test "bash, zsh and fish complete each option of each tool and command" {
	texts=()
	check() {
		echo "$*"
		options=$(options_listed "$@")
		[ "$(bash_completes "$@" -- | sort)" = "$options" ]
		[ "$(fish_completes "$@" -- | cut -f 1 | sort)" = "$options" ]
		# zsh starts slowly: once for all.
		texts+=("$* --")
		sed "s|^|$* --: |" <<<"$options" >>"$BATS_TEST_TMPDIR/expected"
	}
	each_help check
	zsh_completes "${texts[@]}" >"$BATS_TEST_TMPDIR/offered"
	diff "$BATS_TEST_TMPDIR"/{expected,offered}
}

@test "commands, words of an option, and files are completed" {
	texts=()
	cd "$BATS_TEST_TMPDIR"
	touch vocabulary.tiktoken
	# Offered for it, by all three.
	offered() {
		local expected=$1
		shift
		[ "$(bash_completes "$@")" = "$expected" ]
		[ "$(fish_completes "$@" | cut -f 1 | sort)" = "$(sort <<<"$expected")" ]
		texts+=("$*")
		sort <<<"$expected" | sed "s|^|$*: |" >>expected
	}
	offered $'retry\nresume\nrevoke' pl-jobctl re
	offered $'array\nbase64' pl-embed --encoding ''
	offered reject pl-embed --invalid rej
	offered vocabulary.tiktoken pl-chunk --tokenizer voc
	offered vocabulary.tiktoken pl-ingest voc
	offered vocabulary.tiktoken pl run voc
	offered transient pl-jobctl --json retry --class tr
	offered $'set\nshow' pl-jobctl source s
	offered replay pl-jobctl events --json r
	offered refresh pl-jobctl collection ref
	offered vocabulary.tiktoken pl-jobctl source set --map voc
	[ "$(fish_completes pl-embed --invalid=rej)" = --invalid=reject ]
	[ "$(bash_completes pl-embed --invalid = rej)" = reject ]
	texts+=('pl-embed --invalid=rej')
	echo 'pl-embed --invalid=rej: reject' >>expected
	zsh_completes "${texts[@]}" >offered
	diff expected offered
	# What stands behind -- is the pipeline's.
	[ -z "$(bash_completes pl-worker -- --b)" ]
	[ -z "$(fish_completes pl-worker -- --b)" ]
}
