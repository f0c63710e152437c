# A short torture: see tests/torture/torture.py, and 'make torture' for a long one

load helpers

@test "a hundred faults lose no document and store none twice" {
	[ -x /usr/bin/rq ] || cannot "needs python3-rq"
	run "$PL_TEST_ROOT/tests/torture/run" 100
	grep '^torture: ' <<<"$output" # the verdict first, as a report may be cut
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"nothing lost, nothing twice"* ]]
}
