# pl-webhook: webhooks to events and jobs, over HTTP, standard input and CGI

load helpers
load cases

setup_file() {
	start_postgres
}

setup() {
	fresh_servers
	secrets=$BATS_TEST_TMPDIR/secrets
	mkdir "$secrets"
	pids=()
	source_with demo firecrawl
	echo "$secret" >"$secrets/demo"
	source_with open none
}

teardown() {
	local pid
	for pid in "${pids[@]}"; do
		end_pid "$pid"
	done
}

secret=sample-webhook-secret-not-real
samples=$PL_TEST_DATA/webhooks

# source_with NAME VERIFIER [MAP]
source_with() {
	db "insert into pl.sources (id, name, verifier, map)
		values (gen_random_uuid(), '$1', '$2', nullif('${3:-}', ''))"
}

# start_webhook [OPTION...]: as $pid, on $port; its messages are in the file err.
start_webhook() {
	: >"$BATS_TEST_TMPDIR/err"
	pl-webhook --listen 127.0.0.1:0 --secrets "$secrets" "$@" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- &
	pid=$!
	pids+=("$pid")
	wait_until 20 grep -q 'listening on' "$BATS_TEST_TMPDIR/err"
	port=$(sed -n 's/.*listening on 127.0.0.1:\([0-9]*\)$/\1/p' \
		"$BATS_TEST_TMPDIR/err")
	wait_until 20 curl -s "localhost:$port/metrics"
}

# post SOURCE [CURL-OPTION...]: print the status; the answer is in the file
# answer, its head in the file head.
post() {
	curl -sS -o "$BATS_TEST_TMPDIR/answer" -D "$BATS_TEST_TMPDIR/head" \
		-w '%{http_code}' -X POST "${@:2}" \
		"http://127.0.0.1:$port/hook/$1"
}

answers() {
	[ "$(post "${@:2}")" = "$1" ]
}

answer() {
	jq -r "$1" "$BATS_TEST_TMPDIR/answer"
}

signature() {
	echo "sha256=$(openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)"
}

# post_signed SOURCE BODY
post_signed() {
	post "$1" --data-binary "$2" -H \
		"X-Firecrawl-Signature: $(printf %s "$2" | signature)"
}

# raw FILE [SECONDS]: send the bytes, go on waiting, print all that is answered.
raw() {
	/usr/bin/python3 -Sc '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.settimeout(float(sys.argv[3]))
try:
    s.sendall(open(sys.argv[2], "rb").read())
    while True:
        part = s.recv(65536)
        if not part:
            break
        sys.stdout.buffer.write(part)
except (socket.timeout, ConnectionError):
    pass' "$port" "$1" "${2:-20}"
}

@test "a wrong option, --help, --version, a wrong password" {
	unknown_option pl-webhook
	help_and_version pl-webhook
	run -2 pl-webhook extra
	run -2 pl-webhook --listen nowhere
	run -2 pl-webhook --max-body 2MiB --max-memory 1MiB
	run -1 pl-webhook --listen 203.0.113.1:80
	wrong_password pl-webhook --listen 127.0.0.1:0
}

@test "--stdin: empty input, a full disk, nobody who reads" {
	run -3 --separate-stderr pl-webhook --stdin </dev/null
	[[ $output == "HTTP/1.1 400 "* ]]
	run -1 bash -c 'pl-webhook --stdin </dev/null >/dev/full'
	[[ $output == *"standard output: No space left"* ]]
	# shellcheck disable=SC2016
	run -141 bash -c 'exec 4> >(true)
		wait $!
		pl-webhook --stdin </dev/null >&4 2>/dev/null'
}

@test "no schema: it says so, and does not start" {
	empty_servers
	run -1 pl-webhook --listen 127.0.0.1:0
	[[ $output == *"pl-jobctl init"* ]]
}

@test "every row of the samples' signatures has its verdict" {
	start_webhook
	local good=0 bad=0
	# Columns may be empty.
	while IFS='|' read -r file key header expect; do
		[[ $file != '#'* ]] || continue
		echo "$key" >"$secrets/demo"
		case $expect in
		# The digits of both cases are the same bytes.
		valid | decide*)
			answers 200 demo --data-binary "@$samples/$file" \
				-H "X-Firecrawl-Signature: $header"
			good=$((good + 1))
			;;
		invalid*)
			answers 401 demo --data-binary "@$samples/$file" \
				-H "X-Firecrawl-Signature: $header"
			bad=$((bad + 1))
			;;
		esac
	done < <(tr '\t' '|' <"$samples/signatures.tsv")
	[ "$good $bad" = '16 6' ]
	db_is 15 'select count(*) from pl.webhook_events'
	db_is 0 "select count(*) from pl.webhook_events
		where headers ->> 'X-Firecrawl-Signature' not like 'sha256=%'"
}

@test "every sample means what its README says" {
	start_webhook
	while read -r status action file; do
		echo "$file"
		answers "$status" open --data-binary "@$samples/$file"
		[ "$status" = 200 ] || continue
		db_is "$action" "select coalesce(t.ingest ->> 'crawl', case when
			t.ingest ? 'event' then 'body' else '-' end)
			from pl.webhook_events e left join pl.tasks t
			on t.job_id = e.job_id order by e.id desc limit 1"
		delete='delete from pl.webhook_events'
		db "$delete"
	done <<-END
		200 body v0-crawl.completed.json
		200 - v1-batch_scrape.page.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v1-crawl.completed-no-metadata.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v1-crawl.completed.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v1-crawl.failed.json
		200 - v1-crawl.page-failed.json
		200 - v1-crawl.page.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v1-crawl.started.json
		200 - v2-batch_scrape.page.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v2-crawl.cancelled.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v2-crawl.completed-empty-metadata.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v2-crawl.completed-reformatted.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v2-crawl.completed.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v2-crawl.failed.json
		200 - v2-crawl.page-404.json
		200 - v2-crawl.page-failed.json
		200 - v2-crawl.page-two-documents.json
		200 - v2-crawl.page.json
		200 0197f0c2-6b1e-7c43-9d55-2f6a4be01c77 v2-crawl.started.json
		200 - v2-extract.completed.json
		200 - v2-extract.failed.json
		200 - v2-unknown-future-event.json
		400 - truncated.json
		400 - not-json.txt
		400 - wrong-type-fields.json
	END
	# Those of batch scrapes have ids of their own.
	answers 200 open --data-binary "@$samples/v2-batch_scrape.started.json"
	job=$(answer .job)
	answers 200 open --data-binary "@$samples/v2-batch_scrape.completed.json"
	[ "$(answer .job)" = "$job" ]
	# The whole request.
	run -0 --separate-stderr pl-webhook --stdin --secrets "$secrets" \
		< <(sed 's|^POST [^ ]*|POST /hook/demo|' \
			"$samples/request-v2-crawl.page.http")
	[[ $output == "HTTP/1.1 200 OK"* ]]
}

@test "an event is saved whole, and one job follows from its crawl" {
	start_webhook
	body=$(<"$samples/v2-crawl.started.json")
	[ "$(post_signed demo "$body")" = 200 ]
	job=$(answer .job)
	db_is "$(printf %s "$body" | sha256sum | cut -d' ' -f1)" \
		"select encode(sha256(body), 'hex') from pl.webhook_events
		where body = convert_from(body, 'UTF8')::bytea
		or digest = sha256(body)"
	db_is "crawl.started|application/x-www-form-urlencoded|0" \
		'select type, content_type, repeats from pl.webhook_events'
	db_is crawling "select status from pl.sources where name = 'demo'"
	db_is t "select run_at > now() from pl.tasks where job_id = '$job'"
	[ "$(post_signed demo "$(<"$samples/v2-crawl.completed.json")")" = 200 ]
	[ "$(answer .job)" = "$job" ]
	db_is t "select run_at <= now() from pl.tasks where job_id = '$job'"
	db_is 1 'select count(*) from pl.jobs'
}

@test "a repeat gets the same answer and causes nothing" {
	start_webhook
	body='{"success":true,"type":"monitor.page","webhookId":"w","data":[1]}'
	[ "$(post_signed demo "$body")" = 200 ]
	first=$(answer '[.event, .job]')
	for _ in 1 2 3; do
		[ "$(post_signed demo "$body")" = 200 ]
		[ "$(answer '[.event, .job]')" = "$first" ]
		[ "$(answer .repeat)" = true ]
	done
	db_is '1|3' 'select count(*), sum(repeats) from pl.webhook_events'
	db_is 1 'select count(*) from pl.jobs'
	# Without an id the digest counts, while the job is open.
	answers 200 open -d '{"a":1}'
	[ "$(answer .repeat)" = false ]
	answers 200 open -d '{"a":1}'
	[ "$(answer .repeat)" = true ]
	db "update pl.tasks set status = 'canceled', finished_at = now()
		where ingest is not null"
	db "update pl.jobs set status = 'canceled', finished_at = now()"
	answers 200 open -d '{"a":1}'
	[ "$(answer .repeat)" = false ]
}

@test "methods, paths and sources that have no webhook" {
	db "insert into pl.sources (id, name) values (gen_random_uuid(), 'bare')"
	source_with 'a b/ü' none
	source_with .hidden none
	source_with 'ü b' none
	start_webhook
	answers 404 nothing -d '{}'
	answers 404 bare -d '{}'
	answers 404 '' -d '{}'
	answers 404 a%20b%2F%C3%BC -d '{}'
	answers 404 .hidden -d '{}'
	answers 404 open%00 -d '{}'
	answers 404 open%2 -d '{}'
	answers 404 open%FF -d '{}'
	answers 404 ..%2Fdemo -d '{}'
	answers 200 %C3%BC%20b -d '{}'
	answers 200 'open?key=1' -d '{"a":2}'
	answers 405 open -X GET
	grep -qi '^allow: POST' "$BATS_TEST_TMPDIR/head"
	answers 405 open -X PUT -d '{}'
	[ "$(curl -s -o /dev/null -w '%{http_code}' "localhost:$port/")" = 404 ]
	[ "$(curl -s -o /dev/null -w '%{http_code}' -X POST \
		"localhost:$port/metrics")" = 405 ]
}

@test "a new source, and a new setting, count after a moment" {
	start_webhook
	answers 404 late -d '{}'
	source_with late none
	wait_until 10 answers 200 late -d '{}'
	db "update pl.sources set verifier = 'token:X-Token' where name = 'late'"
	echo word >"$secrets/late"
	wait_until 10 answers 401 late -d '{}'
	answers 200 late -d '{}' -H 'x-token: word'
	db_is '{}' "select headers from pl.webhook_events order by id desc limit 1"
	db "update pl.sources set verifier = 'magic' where name = 'late'"
	wait_until 10 answers 503 late -d '{}'
}

@test "two secrets pass while one is rotated, and a third is too many" {
	start_webhook
	printf 'new\n%s\n' "$secret" >"$secrets/demo"
	[ "$(post_signed demo '{"a":1}')" = 200 ]
	echo new >"$secrets/demo"
	[ "$(post_signed demo '{"a":1}')" = 401 ]
	for lines in '' '\n\n' 'a\nb\nc\n' 'a\0b\n'; do
		printf "$lines" >"$secrets/demo"
		[ "$(post_signed demo '{"a":1}')" = 503 ]
	done
	rm "$secrets/demo"
	[ "$(post_signed demo '{"a":1}')" = 503 ]
	grep -q '/hook/demo: 503: there is no file of its secret' \
		"$BATS_TEST_TMPDIR/err"
	mkfifo "$secrets/demo"
	[ "$(post_signed demo '{"a":1}')" = 503 ]
	run ! grep -q "$secret" "$BATS_TEST_TMPDIR/err"
	db_is 1 'select count(*) from pl.webhook_events'
}

@test "Standard Webhooks, GitHub's form, and a replayed timestamp" {
	source_with std standard
	source_with hub hmac:X-Hub-Signature-256:sha256=
	key=MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
	echo "whsec_$key" >"$secrets/std"
	echo "$secret" >"$secrets/hub"
	start_webhook
	standard() {
		local sum
		sum=$(printf '%s.%s.%s' "$1" "$2" '{"a":1}' | openssl dgst \
			-sha256 -mac hmac -macopt \
			"hexkey:$(base64 -d <<<"$key" | od -An -tx1 |
				tr -d ' \n')" -binary | base64)
		post std -d '{"a":1}' -H "webhook-id: $1" \
			-H "webhook-timestamp: $2" \
			-H "webhook-signature: v1,AAAA v1,$sum"
	}
	[ "$(standard msg_1 "$(date +%s)")" = 200 ]
	[ "$(standard msg_1 "$(date +%s)")" = 200 ]
	[ "$(answer .repeat)" = true ]
	[ "$(standard msg_2 "$(($(date +%s) - 301))")" = 401 ]
	[ "$(standard msg_2 "$(($(date +%s) + 310))")" = 401 ]
	db_is 'msg_1|1' 'select delivery_id, repeats from pl.webhook_events'
	answers 200 hub -d '{"a":1}' -H \
		"X-Hub-Signature-256: $(printf '{"a":1}' | signature)"
	answers 401 hub -d '{"a":2}' -H \
		"X-Hub-Signature-256: $(printf '{"a":1}' | signature)"
	# The form that another verifier has is not enough.
	answers 401 std -d '{"a":1}' -H \
		"X-Hub-Signature-256: $(printf '{"a":1}' | signature)"
}

@test "two signatures are refused, also if one of them is right" {
	start_webhook
	right=$(printf '{"a":1}' | signature)
	answers 401 demo -d '{"a":1}' -H "X-Firecrawl-Signature: $right" \
		-H "x-firecrawl-signature: $right"
	answers 401 demo -d '{"a":1}' -H "X-Firecrawl-Signature: bad, $right"
	answers 401 demo -d '{"a":1}' -H "X-Firecrawl-Signature;"
	answers 401 demo -d '{"a":1}'
	db_is 0 'select count(*) from pl.webhook_events'
}

@test "a source with a map takes any body, and the map runs elsewhere" {
	source_with mapped none .
	start_webhook
	answers 200 mapped --data-binary @"$samples/not-json.txt"
	printf '\0\1\377' >"$BATS_TEST_TMPDIR/binary"
	answers 200 mapped --data-binary @"$BATS_TEST_TMPDIR/binary" \
		-H 'Content-Type: application/octet-stream'
	answers 200 mapped --data-binary @"$samples/v2-crawl.completed.json"
	db_is 3 "select count(*) from pl.tasks where ingest ? 'event'"
	db_is '\x0001ff|application/octet-stream' "select body, content_type
		from pl.webhook_events order by id offset 1 limit 1"
}

@test "bad bodies: gzip, a JSON bomb, NUL in strings, 10 MB of data" {
	start_webhook
	gzip <"$samples/v2-crawl.page.json" >"$BATS_TEST_TMPDIR/body"
	answers 415 open --data-binary @"$BATS_TEST_TMPDIR/body" \
		-H 'Content-Encoding: gzip'
	answers 400 open --data-binary @"$BATS_TEST_TMPDIR/body"
	head -c 20000000 /dev/zero | tr '\0' '[' >"$BATS_TEST_TMPDIR/body"
	answers 400 open --data-binary @"$BATS_TEST_TMPDIR/body"
	answers 200 open -d '{"success":true,"type":"a\u0000b","webhookId":"\ud800"}'
	db_is "a$(printf '\xef\xbf\xbd')b" 'select type from pl.webhook_events'
	{
		printf '{"success":true,"type":"crawl.page","id":"c","data":[{"markdown":"'
		head -c 10000000 /dev/zero | tr '\0' x
		printf '"}]}'
	} >"$BATS_TEST_TMPDIR/body"
	answers 200 open --data-binary @"$BATS_TEST_TMPDIR/body" \
		-H 'Transfer-Encoding: chunked'
	db_is "$(wc -c <"$BATS_TEST_TMPDIR/body")" 'select length(body)
		from pl.webhook_events order by id desc limit 1'
	run -0 grep -c . "$BATS_TEST_TMPDIR/err"
	[ "$output" -lt 20 ]
}

@test "limits of a body and of all bodies are answered with 413 and 503" {
	source_with other none
	start_webhook --max-body 1000000 --max-memory 1000000 --timeout 5s
	head -c 1000001 /dev/zero | tr '\0' ' ' >"$BATS_TEST_TMPDIR/body"
	answers 413 open --data-binary @"$BATS_TEST_TMPDIR/body"
	answers 413 open --data-binary @"$BATS_TEST_TMPDIR/body" -H Expect:
	answers 413 open --data-binary @"$BATS_TEST_TMPDIR/body" -H Expect: \
		-H 'Transfer-Encoding: chunked'
	# One holds most of the memory until its time is over.
	{
		printf 'POST /hook/open HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n'
		head -c 800000 /dev/zero
	} >"$BATS_TEST_TMPDIR/slow"
	raw "$BATS_TEST_TMPDIR/slow" >"$BATS_TEST_TMPDIR/late" 3>&- &
	pids+=($!)
	held() {
		curl -s "localhost:$port/metrics" |
			grep -q '^pl_webhook_body_bytes 800000$'
	}
	wait_until 5 held
	head -c 500000 "$BATS_TEST_TMPDIR/body" >"$BATS_TEST_TMPDIR/half"
	answers 503 other --data-binary @"$BATS_TEST_TMPDIR/half"
	grep -qi '^retry-after: ' "$BATS_TEST_TMPDIR/head"
	wait_until 20 grep -q '^HTTP/1.1 408 ' "$BATS_TEST_TMPDIR/late"
	wait_until 5 answers 400 other --data-binary @"$BATS_TEST_TMPDIR/half"
}

@test "a request that is cut off, or has no end, is answered with 408" {
	start_webhook --timeout 1s
	cd "$BATS_TEST_TMPDIR"
	head='POST /hook/open HTTP/1.1\r\nHost: x\r\n'
	printf "${head}Content-Length: 100\r\n\r\n{" >cut
	printf "${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n" >chunked
	printf "${head}X-A: b\r\n" >header
	for file in cut chunked header; do
		run -0 raw "$file"
		[[ $output == "HTTP/1.1 408 "* ]]
	done
	# A first line that never ends has no answer, only an end.
	[ "$(curl -s "localhost:$port/metrics" |
		grep 'requests_total{status="408"}')" = \
		'pl_webhook_requests_total{status="408"} 3' ]
	db_is 0 'select count(*) from pl.webhook_events'
}

@test "10,000 headers, and one long one, are refused" {
	start_webhook
	cd "$BATS_TEST_TMPDIR"
	{
		printf 'POST /hook/open HTTP/1.1\r\nHost: x\r\n'
		seq -f 'X-%.0f: a' 10000 | sed 's/$/\r/'
		printf 'Content-Length: 2\r\n\r\n{}'
	} >many
	{
		printf 'POST /hook/open HTTP/1.1\r\nHost: x\r\n'
		seq -f 'X-%.0f: a' 150 | sed 's/$/\r/'
		printf 'Content-Length: 2\r\nConnection: close\r\n\r\n{}'
	} >some
	run -0 raw many
	[[ $output == "HTTP/1.1 4"* || -z $output ]]
	run -0 raw some
	[[ $output == "HTTP/1.1 431 "* ]]
	run -3 pl-webhook --stdin <many
	[[ $output == *"HTTP/1.1 431 "* ]]
	db_is 0 'select count(*) from pl.webhook_events'
	answers 200 open -d '{}'
}

@test "Postgres away: 503, and recovery without a restart" {
	start_webhook
	answers 200 open -d '{"a":1}'
	[ "$(curl -s -o /dev/null -w '%{http_code}' "localhost:$port/healthz")" = 200 ]
	stop_postgres
	answers 503 open -d '{"a":2}'
	grep -qi '^retry-after: [1-9]' "$BATS_TEST_TMPDIR/head"
	answers 503 demo -d '{"a":2}'
	[ "$(curl -s -o /dev/null -w '%{http_code}' "localhost:$port/healthz")" = 503 ]
	[[ $(curl -s "localhost:$port/metrics") == *"pl_webhook_up 0"* ]]
	start_postgres
	wait_until 10 answers 200 open -d '{"a":2}'
	db_is 2 'select count(*) from pl.webhook_events'
	alive "$pid"
	# A restart between two events is not noticed.
	restart_postgres immediate
	wait_until 10 answers 200 open -d '{"a":3}'
}

@test "it starts while Postgres is away" {
	stop_postgres
	start_webhook
	[ "$(post open -d '{}')" = 503 ]
	start_postgres
	wait_until 10 answers 200 open -d '{}'
}

@test "a server that is silent: 503 in a few seconds" {
	start_webhook
	answers 200 open -d '{"a":1}'
	backend=$(psql -XAtqc "select pid from pg_stat_activity
		where application_name = 'pl-webhook'" "$PL_TEST_ADMIN_URL")
	kill -STOP "$backend"
	answers 503 open -d '{"a":2}'
	kill -CONT "$backend"
	wait_until 10 answers 200 open -d '{"a":2}'
	db_is 2 "select count(distinct digest) from pl.webhook_events"
}

@test "an event that the database refuses stops no other of its batch" {
	db "create function poison() returns trigger language plpgsql as
		\$\$ begin if new.type = 'poison' then
		raise exception 'poisoned'; end if; return new; end \$\$;
		create trigger poison before insert on pl.webhook_events
		for each row execute function poison()"
	start_webhook
	# The first waits for the lock, the others come together behind it.
	psql -Xq -c 'begin' -c 'lock table pl.webhook_events' -c 'do $$ begin
		for i in 1 .. 200 loop
			exit when exists (select from pg_locks where not granted);
			perform pg_sleep(0.05);
		end loop;
		perform pg_sleep(1); end $$' -c commit "$PL_DATABASE_URL" \
		>/dev/null 3>&- &
	wait_until 5 db_is 1 "select count(*) from pg_locks where relation =
		'pl.webhook_events'::regclass and mode = 'AccessExclusiveLock'"
	for i in 1 2 3 4 5 6 7 8; do
		type=$([ "$i" = 5 ] && echo poison || echo "page$i")
		curl -s -o "$BATS_TEST_TMPDIR/$i" -w "$i %{http_code}\n" -d \
			"{\"success\":true,\"type\":\"$type\",\"webhookId\":\"$i\"}" \
			"localhost:$port/hook/open" >>"$BATS_TEST_TMPDIR/codes" 3>&- &
	done
	all_answered() {
		[ "$(wc -l <"$BATS_TEST_TMPDIR/codes")" = 8 ]
	}
	wait_until 20 all_answered
	[ "$(grep -c ' 200$' "$BATS_TEST_TMPDIR/codes")" = 7 ]
	grep -qx '5 500' "$BATS_TEST_TMPDIR/codes"
	db_is 7 'select count(*) from pl.webhook_events'
	grep -q poisoned "$BATS_TEST_TMPDIR/err"
}

@test "--stdin: lengths, chunks, a cut, a time limit" {
	one() {
		printf "$1" | pl-webhook --stdin --secrets "$secrets" \
			--timeout "${2:-10s}" 2>/dev/null
	}
	head='POST /hook/open HTTP/1.1\r\nHost: x\r\n'
	run -0 one "${head}Content-Length: 7\r\n\r\n{\"a\":1}"
	[[ $output == "HTTP/1.1 200 OK"*'"repeat":false}' ]]
	run -0 one "${head}Transfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n"
	[[ $output == *'"repeat":true}' ]]
	run -3 one "${head}Content-Length: 7\r\n\r\n{\"a\""
	[[ $output == "HTTP/1.1 400 "*"cut off"* ]]
	run -3 one 'GET /hook/open HTTP/1.1\r\n\r\n'
	[[ $output == "HTTP/1.1 405 "* ]]
	run -3 one 'nonsense\r\n\r\n'
	[[ $output == "HTTP/1.1 400 "* ]]
	run -0 one 'GET /healthz HTTP/1.1\r\n\r\n'
	[[ $output == "HTTP/1.1 200 OK"*ok ]]
	run -0 one "${head}Expect: 100-continue\r\nContent-Length: 7\r\n\r\n{\"a\":1}"
	fed pl-webhook --stdin --timeout 500ms
	printf "${head}Content-Length: 7\r\n\r\n{" >&9
	wait_until 10 grep -q 'HTTP/1.1 408 ' "$BATS_TEST_TMPDIR/out"
	exec 9>&-
	stop_postgres
	run -75 one "${head}Content-Length: 7\r\n\r\n{\"a\":2}"
	[[ $output == *"HTTP/1.1 503 "*"Retry-After: "* ]]
	start_postgres
}

@test "CGI: the request's head comes from the environment" {
	cgi() {
		local body=$1
		shift
		printf %s "$body" | env GATEWAY_INTERFACE=CGI/1.1 \
			REQUEST_METHOD=POST CONTENT_LENGTH="${#body}" \
			CONTENT_TYPE=application/json "$@" \
			pl-webhook --stdin --secrets "$secrets" 2>/dev/null
	}
	body='{"success":true,"type":"crawl.page","webhookId":"w"}'
	sum=$(printf %s "$body" | signature)
	run -0 cgi "$body" PATH_INFO=/hook/demo HTTP_X_FIRECRAWL_SIGNATURE="$sum"
	[[ $output == "Status: 200 OK"$'\r\n'* ]]
	db_is 'application/json|w' \
		'select content_type, delivery_id from pl.webhook_events'
	run -3 cgi "$body" PATH_INFO=/hook/demo
	[[ $output == "Status: 401 "* ]]
	run -3 cgi "$body" PATH_INFO=/hook/demo REQUEST_METHOD=GET
	[[ $output == "Status: 405 "* ]]
	run -3 cgi "$body" PATH_INFO=/hook/open CONTENT_LENGTH=1000
	[[ $output == "Status: 400 "* ]]
	# The path is decoded already.
	source_with '50%25' none
	run -0 cgi "$body" PATH_INFO=/hook/50%25
}

@test "a socket of systemd, and what systemd is told" {
	port=$(free_port)
	/usr/bin/python3 -Sc '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(100).decode(), flush=True)' "$BATS_TEST_TMPDIR/notify" \
		>"$BATS_TEST_TMPDIR/told" 3>&- &
	pids+=($!)
	wait_until 10 grep -q bound "$BATS_TEST_TMPDIR/told"
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify "$PL_TEST_ROOT/tests/webhook_socket.py" \
		"$port" pl-webhook --secrets "$secrets" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- &
	pid=$!
	wait_until 10 grep -q READY=1 "$BATS_TEST_TMPDIR/told"
	answers 200 open -d '{}'
	kill "$pid"
	wait "$pid"
	wait_until 10 grep -q STOPPING=1 "$BATS_TEST_TMPDIR/told"
	# It did not open one of its own.
	run ! grep -q listening "$BATS_TEST_TMPDIR/err"
}

@test "SIGTERM: what was received is answered, and it ends with 0" {
	start_webhook
	# One request is not complete, one waits for a lock of Postgres.
	printf 'POST /hook/open HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{' \
		>"$BATS_TEST_TMPDIR/cut"
	raw "$BATS_TEST_TMPDIR/cut" >/dev/null 3>&- &
	pids+=($!)
	psql -Xq -c 'begin' -c 'lock table pl.webhook_events' \
		-c 'select pg_sleep(1)' -c commit "$PL_DATABASE_URL" \
		>/dev/null 3>&- &
	wait_until 5 db_is 1 "select count(*) from pg_locks where relation =
		'pl.webhook_events'::regclass and mode = 'AccessExclusiveLock'"
	post open -d '{"a":1}' >"$BATS_TEST_TMPDIR/code" 3>&- &
	wait_until 5 db_is t "select count(*) > 0 from pg_locks where not granted"
	kill "$pid"
	since=$EPOCHSECONDS
	wait "$pid"
	[ $((EPOCHSECONDS - since)) -le 5 ]
	wait_until 5 grep -q 200 "$BATS_TEST_TMPDIR/code"
	db_is 1 'select count(*) from pl.webhook_events'
	run curl -s "localhost:$port/healthz"
	[ "$status" = 7 ]
}

@test "more connections than are allowed wait, and idle ones make room" {
	start_webhook --connections 4
	/usr/bin/python3 -Sc '
import socket, sys, time
held = [socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        for _ in range(4)]
time.sleep(60)' "$port" 3>&- &
	pids+=($!)
	wait_until 30 answers 200 open -d '{}' --max-time 5
}

@test "metrics are Prometheus text, and count what happened" {
	start_webhook
	answers 200 open -d '{"a":1}'
	answers 200 open -d '{"a":1}'
	answers 401 demo -d '{}'
	curl -s "localhost:$port/metrics" >"$BATS_TEST_TMPDIR/metrics"
	promtool check metrics <"$BATS_TEST_TMPDIR/metrics"
	while read -r line; do
		grep -qxF "$line" "$BATS_TEST_TMPDIR/metrics"
	done <<-'END'
		pl_webhook_events_total 1
		pl_webhook_repeats_total 1
		pl_webhook_requests_total{status="401"} 1
		pl_webhook_commit_seconds_count 2
		pl_webhook_body_bytes 0
		pl_webhook_up 1
	END
}

@test "refused requests are ten lines a second at most" {
	start_webhook
	/usr/bin/python3 -Sc '
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for _ in range(300):
    c.request("POST", "/hook/a%0Ab", "{}")
    c.getresponse().read()' "$port"
	run -0 grep -c ': 404: ' "$BATS_TEST_TMPDIR/err"
	[ "$output" -ge 10 ]
	[ "$output" -le 60 ]
}

@test "kill -9 and restarts of Postgres lose no acknowledged event" {
	count=${PL_TEST_DELIVERIES:-1000}
	source_with hooked firecrawl
	echo "$secret" >"$secrets/hooked"
	port=$(free_port)
	serve() {
		pl-webhook --listen "127.0.0.1:$port" --secrets "$secrets" \
			>>"$BATS_TEST_TMPDIR/err" 2>&1 3>&- &
		pid=$!
	}
	serve
	"$PL_TEST_ROOT/tests/webhook_sender.py" "$port" hooked "$secret" \
		"$count" 20 16 >"$BATS_TEST_TMPDIR/acked" 3>&- &
	sender=$!
	pids+=("$sender")
	# A fault after each eighth of the deliveries, one in four of Postgres.
	faults=0
	acked_more() {
		[ "$(wc -l <"$BATS_TEST_TMPDIR/acked")" -ge "$1" ] || dead "$sender"
	}
	for part in 1 2 3 4 5 6 7 8; do
		wait_until 120 acked_more $((count * part / 8))
		if [ $((part % 4)) = 2 ]; then
			restart_postgres immediate
		else
			kill -KILL "$pid"
			wait "$pid" || true
			serve
		fi
		faults=$((faults + 1))
	done
	wait_until 120 dead "$sender"
	pids+=("$pid")
	[ "$faults" = 8 ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/acked")" = $((count * 12 / 10)) ]
	# Each id that was acknowledged is there, once, and nothing else.
	cut -d' ' -f1 "$BATS_TEST_TMPDIR/acked" | sort -u >"$BATS_TEST_TMPDIR/sent"
	db 'select delivery_id from pl.webhook_events' | sort \
		>"$BATS_TEST_TMPDIR/saved"
	diff "$BATS_TEST_TMPDIR/sent" "$BATS_TEST_TMPDIR/saved"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/saved")" = "$count" ]
	# One job for each, which is what each answer said.
	db_is "$count|$count" 'select (select count(*) from pl.jobs),
		count(distinct job_id) from pl.webhook_events'
	cut -d' ' -f1-3 "$BATS_TEST_TMPDIR/acked" | sort -u \
		>"$BATS_TEST_TMPDIR/told"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/told")" = "$count" ]
}
