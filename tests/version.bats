# pl --version --json and pl-jobctl version: what a bug report needs

load helpers
load cases
load jobs

@test "the record names pl, its libraries and the servers" {
	run -0 --separate-stderr pl-jobctl version
	[ -z "$stderr" ]
	jq -e --argjson schema "$(db 'select max(version) from pl.schema_version')" '
		.type == "version" and (.pl | test("^[0-9]+[.]")) and
		.schema == $schema and .postgres.schema == "version \($schema)" and
		(.postgres.version | test("^[1-9][0-9]")) and
		.redis.server == "redis" and (.redis.version | test("^[1-9]")) and
		(.libraries | length == 8 and all(.[]; test("^[0-9]+[.]")) and
		    has("yyjson") and has("libpq"))' <<<"$output"
	[ "$(pl-jobctl --version)" = "pl-jobctl (pl) $(jq -r .pl <<<"$output")" ]
	[ "$(pl --version --json)" = "$output" ]
	[ "$(pl --version)" = "pl (pl) $(jq -r .pl <<<"$output")" ]
}

@test "the commit is the one that was built, if there is a repository" {
	[ -d "$PL_TEST_ROOT/.git" ] || skip "no repository"
	commit=$(pl-jobctl version | jq -r .commit)
	git -C "$PL_TEST_ROOT" cat-file -e "${commit%-dirty}^{commit}"
}

@test "people get a table" {
	run -0 pl-jobctl version --table
	[[ ${lines[0]} == WHAT*VERSION* ]]
	[[ $output == *'libraries yyjson'* && $output == *'postgres schema'*'version '* &&
		$output == *'redis version'* ]]
	full_disk pl-jobctl version
	unknown_option pl-jobctl version
	run -2 pl --version --jsom
	[[ $output == *"--version: '--jsom' is not known: --json is"* ]]
}

@test "a server that is away or not set up says why, and no password is printed" {
	db 'drop schema pl cascade'
	run -0 pl-jobctl version
	[[ $(jq -r .postgres.schema <<<"$output") == *'pl-jobctl init'* ]]
	PL_DATABASE_URL='postgresql://u:hunter22@/pl?host=/nowhere'
	PL_REDIS_URL=redis://:hunter22@127.0.0.1:$(free_port)
	export PL_DATABASE_URL PL_REDIS_URL
	run -0 pl --version --json
	jq -e '(.postgres | keys == ["error"]) and (.redis | keys == ["error"])' \
		<<<"$output"
	[[ $output != *hunter22* ]]
	PL_REDIS_URL=none run -0 pl-jobctl version
	[ "$(jq -c .redis <<<"$output")" = '{"version":"none"}' ]
}
