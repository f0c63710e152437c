# The throwaway Postgres with pgvector.
load helpers

setup_file() {
	start_pgvector
}

@test "the role of the tests can use the type vector" {
	db 'create table v (e vector(3))'
	db "insert into v values ('[1,2,3]')"
	[ "$(db "select e <-> '[1,2,3]' from v")" = 0 ]
}
