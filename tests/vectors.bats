# pl-store and pl-search where Postgres has pgvector.
load helpers
load records

setup_file() {
	start_pgvector
}

setup() {
	fresh_servers
}

# admin SQL: run it as the superuser
admin() {
	psql -XAtq -v ON_ERROR_STOP=1 -c "$1" "$PL_TEST_ADMIN_URL" 2>&1
}

# pages N: store N documents of one chunk, with the hash model
pages() {
	jq -nc --argjson n "$1" 'range($n) |
	    ("00000000000\(.)"[-12:]) as $id |
	    {type: "chunk", document_id: "00000000-0000-4000-8000-\($id)",
	    index: 0, text: "page number \(.) about \(. % 7) things"},
	    {type: "end", document_id: "00000000-0000-4000-8000-\($id)",
	    source: "s", url: "u\(.)", chunks: 1}'
}

column_type() {
	db "select format_type(atttypid, atttypmod) from pg_attribute
	    where attname = 'embedding'
	    and attrelid = 'pl.chunks_$1'::regclass"
}

# wide N WIDTH: document N with one chunk whose vector has this width
wide() {
	document "$1" 1 | jq -c "if .embedding then
	    .embedding = [range($2)] else . end"
}

@test "vectors up to 2,000 wide are vector, to 4,000 halfvec, then vector" {
	for width in 3 2000 2001 4000 4001; do
		run -0 pl-store --collection "c$width" < <(wide 1 $width)
	done
	[ "$(for width in 3 2000 2001 4000 4001; do
		column_type "c$width"; done | xargs)" = \
	    "vector(3) vector(2000) halfvec(2001) halfvec(4000) vector(4001)" ]
	[ "$(db "select string_agg(vector_type, ' ' order by dimensions)
	    from pl.collections")" = "vector vector halfvec halfvec vector" ]
	[ "$(db "select embedding::text like '[0,1,2,3,%,1999,2000]'
	    from pl.chunks_c2001")" = t ]
}

@test "a chunk with a number that halfvec cannot hold is refused" {
	run -3 --separate-stderr pl-store < <(
		chunks 1 2 | jq -c '.embedding = [range(2500)] |
		    if .index == 0 then .embedding[7] = 70000 else . end'
		end 1 2
	)
	[ "$(told '.code // .failed_chunks' | xargs)" = "bad_embedding 1" ]
	[[ $stderr == *65504* ]]
}

@test "an extension in a schema off the search path is found" {
	admin 'drop extension vector; create schema extensions;
	    create extension vector schema extensions;
	    grant usage on schema extensions to pl'
	run -0 bash -c 'pl-store && pl-search -k 1 page number 3' < <(
		pages 5 | pl-embed)
	[ "$(told 'select(.type == "hit").url')" = u3 ]
	[ "$(column_type default)" = "extensions.vector(512)" ]
}

@test "an extension that is only available is installed if allowed" {
	admin 'drop extension vector; create schema extensions;
	    grant usage on schema extensions to pl'
	PL_DATABASE_URL=$PL_TEST_ADMIN_URL run -0 pl-store < <(document 1 2)
	[ "$(column_type default)" = "extensions.vector(3)" ]
	admin 'drop table pl.chunks_default; delete from pl.collections;
	    drop extension vector; drop schema extensions'
	PL_DATABASE_URL=$PL_TEST_ADMIN_URL run -0 pl-store < <(document 1 2)
	[ "$(column_type default)" = "vector(3)" ]
}

@test "a role that may not install it stores real[]" {
	admin 'drop extension vector; create role guest login'
	pl-jobctl grant guest --as worker >/dev/null
	PL_DATABASE_URL=${PL_DATABASE_URL/pl@/guest@} run -0 --separate-stderr \
		pl-store < <(document 1 2)
	[ -z "$stderr" ]
	[ "$(column_type default)" = "real[]" ]
}

@test "pgvector and the exact search find the same, with the same scores" {
	pages 50 | pl-embed >"$BATS_TEST_TMPDIR/in"
	pl-store <"$BATS_TEST_TMPDIR/in"
	pl-search -k 20 page about 5 things | jq -c '[.url, .score]' \
		>"$BATS_TEST_TMPDIR/with"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/with")" = 20 ]
	db "alter table pl.chunks_default alter embedding type real[]
	    using embedding::real[];
	    update pl.collections set vector_type = 'real[]'"
	pl-search -k 20 page about 5 things | jq -c '[.url, .score]' \
		>"$BATS_TEST_TMPDIR/without"
	diff <(jq -c '.[1] * 1000 | round' "$BATS_TEST_TMPDIR/with") \
		<(jq -c '.[1] * 1000 | round' "$BATS_TEST_TMPDIR/without")
	diff <(head -n 1 "$BATS_TEST_TMPDIR/with" | jq .[0]) \
		<(head -n 1 "$BATS_TEST_TMPDIR/without" | jq .[0])
}

@test "an HNSW index gives more than forty hits when asked" {
	pages 100 | pl-embed | pl-store
	db 'create index on pl.chunks_default using hnsw
	    (embedding vector_cosine_ops);
	    alter table pl.chunks_default set (autovacuum_enabled = off);
	    analyze pl.chunks_default'
	db 'alter role pl set enable_seqscan = off;
	    alter role pl set enable_sort = off'
	run -0 pl-search -k 90 page
	db 'alter role pl reset all'
	[ "${#lines[@]}" -eq 90 ]
}

@test "distances other than the cosine have their own order" {
	for distance in l2 ip cosine; do
		pages 20 | pl-embed | pl-store --collection $distance \
			--distance $distance
		run -0 pl-search --collection $distance -k 3 page number 7
		[ "$(told .url | head -n 1)" = u7 ]
	done
	run -0 pl-search --collection l2 -k 1 page number 7
	[ "$(told '.score <= 0')" = true ]
}

@test "a document is replaced as with real[]" {
	pl-store < <(document 1 5 old; document 2 1)
	run -0 pl-store < <(document 1 2 new)
	[ "$(db "select string_agg(text, ',' order by document_id, index)
	    from pl.chunks_default")" = "new 0,new 1,a 0" ]
}

@test "a column that is converted during a run is noticed, and no document is torn" {
	fed pl-store
	document 1 1 >&9
	wait_until 10 grep -q stored "$BATS_TEST_TMPDIR/out"
	db "begin; alter table pl.chunks_default alter embedding type real[]
	    using embedding::real[];
	    update pl.collections set vector_type = 'real[]'; commit"
	document 2 1 >&9
	wait_until 10 grep -q collection_changed "$BATS_TEST_TMPDIR/out"
	document 2 1 >&9
	exec 9>&-
	wait $! || [ $? -eq 3 ]
	[ "$(jq -r '.class // .type' "$BATS_TEST_TMPDIR/out" | xargs)" = \
	    "stored transient stored" ]
}

@test "a copy of a collection has its type and its index" {
	cd "$BATS_TEST_TMPDIR"
	seq 5 | jq -c '{url: tostring, content: "text \(.)"}' | pl-ingest >docs
	pl-chunk <docs | pl-embed --dimensions 64 | pl-store --collection a
	pl-chunk <docs | pl-embed --dimensions 128 | pl-store --collection b
	db 'create index on pl.chunks_a using hnsw (embedding vector_cosine_ops)'
	run -0 --separate-stderr pl-jobctl collection copy a live
	[ "$(jq -c '[.vector_type, .dimensions, .index, .index_type]' \
		<<<"$output")" = \
		'["vector",64,"chunks_live_embedding_idx","hnsw"]' ]
	# Another width is another type: the table is new, as that of b.
	run -0 --separate-stderr pl-jobctl collection copy --yes b live
	[[ $stderr == *'pl.chunks_live is new'* ]]
	[ "$(jq -c '[.vector_type, .dimensions, .index]' <<<"$output")" = \
		'["vector",128,null]' ]
	run -0 --separate-stderr pl-jobctl collection copy --yes a b
	[ "$(jq -r .index_type <<<"$output")" = hnsw ]
	# Now both are of one type.
	run -0 --separate-stderr pl-jobctl collection copy --yes a b
	[[ $stderr != *'is new'* ]]
	run -0 pl-search --collection b 'text 1'
	[ "${#lines[@]}" -eq 5 ]
}
