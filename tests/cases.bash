# cases.bash - the cases at the start of every tool's file; load it after
# helpers

# unknown_option TOOL [COMMAND]: a usage error that names the help.
unknown_option() {
	run -2 "$@" --nonsense
	[[ $output == *"--nonsense"*"$* --help"* ]]
}

# help_and_version TOOL: on standard output, in 80 columns.
help_and_version() {
	run -0 --separate-stderr "$1" --help
	[[ $output == [Uu]"sage: $1 "* && -z $stderr ]]
	[ "$(wc -L <<<"$output")" -le 80 ]
	run -0 --separate-stderr "$1" --version
	[[ $output == "$1 (pl) "[0-9]* && -z $stderr ]]
}

# full_disk COMMAND...: it fails and names what was full.
full_disk() {
	run -1 bash -c '"$@" >/dev/full' full_disk "$@"
	[[ $output == *"$1: standard output: No space left"* ]]
}

# closed_pipe COMMAND...: its reader ends after one line, and it prints no
# message. The command has to write more than a pipe holds.
closed_pipe() {
	# shellcheck disable=SC2016
	run --separate-stderr bash -c '"$@" | head -n 1 >/dev/null
		echo "${PIPESTATUS[0]}"' closed_pipe "$@"
	[ "$output" = 141 ]
	[ -z "$stderr" ]
}

# no_reader COMMAND...: nobody reads its output, and it prints no message. For a
# command that writes little.
no_reader() {
	# shellcheck disable=SC2016
	run -141 --separate-stderr bash -c 'exec 4> >(true)
		wait $!
		"$@" >&4' no_reader "$@"
	[ -z "$stderr" ]
}

# wrong_password TOOL [COMMAND]: with a wrong password for Postgres it fails,
# does not try again, and does not print the password.
wrong_password() {
	local hba
	hba=$(psql -XAtqc 'show hba_file' "$PL_TEST_ADMIN_URL")
	psql -Xqc "create role locked login password 'right'" \
		"$PL_TEST_ADMIN_URL"
	sed -i '1i local all locked scram-sha-256' "$hba"
	psql -XAtqc 'select pg_reload_conf()' "$PL_TEST_ADMIN_URL"
	wait_until 10 locked_out
	PL_DATABASE_URL=${PL_DATABASE_URL/pl@/locked:wrong@} run -1 "$@"
	[[ $output == *password* ]]
	[[ $output != *wrong* ]]
}

locked_out() {
	! psql -XAtqc 'select 1' "${PL_DATABASE_URL/pl@/locked:right2@}"
}

# refused WORDS COMMAND...: status 1, and a message with the words
refused() {
	local words=$1
	shift
	run -1 --separate-stderr "$@"
	[ -z "$output" ]
	[[ $stderr == *"$words"* ]]
}

# misused WORDS COMMAND...: status 2 of pl-jobctl, and a message with the words
misused() {
	local words=$1
	shift
	run -2 --separate-stderr pl-jobctl "$@"
	[ -z "$output" ]
	[[ $stderr == *"$words"* ]]
}
