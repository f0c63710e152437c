# rediss://: a real Redis with certificates made here

load helpers
load rq
load queue

setup_file() {
	export BATS_TEST_TIMEOUT=120
	queue_setup_file
	start_postgres
	make_certificates "$BATS_FILE_TMPDIR" 2>"$BATS_FILE_TMPDIR/openssl.log" ||
		cat "$BATS_FILE_TMPDIR/openssl.log" >&2
	chmod 755 "$BATS_FILE_TMPDIR"
	chmod 644 "$BATS_FILE_TMPDIR"/*.key
	start_tls
	export CA=$BATS_FILE_TMPDIR/ca.pem
}

teardown_file() {
	stop_tls
	stop_servers
}

setup() {
	queue_setup
	tls flushall >/dev/null
	cd "$BATS_TEST_TMPDIR" || return 1
}

# certificate NAME SUBJECT-ALT-NAME: make NAME.pem and NAME.key, signed by ca.
certificate() {
	openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$1" \
		-keyout "$1.key" -out "$1.csr"
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key \
		-CAcreateserial -days 2 -out "$1.pem" \
		-extfile <(printf '%s\n' "subjectAltName=$2" \
			authorityKeyIdentifier=keyid)
}

# With the extensions of RFC 5280, which Python 3.13 requires.
make_certificates() (
	set -e
	cd "$1"
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -days 2 \
		-addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=stranger -days 2 \
		-keyout other.key -out other.pem
	certificate server DNS:localhost,IP:127.0.0.1
	certificate foreign DNS:redis.example
	certificate client DNS:client
)

# start_tls [OPTION...]: start it on the same port each time.
start_tls() {
	local server_dir
	need_server_dir
	export PORT=${PORT:-$(free_port)}
	setsid redis-server --port 0 --bind 127.0.0.1 --tls-port "$PORT" \
		--tls-cert-file "$BATS_FILE_TMPDIR/server.pem" \
		--tls-key-file "$BATS_FILE_TMPDIR/server.key" \
		--tls-ca-cert-file "$BATS_FILE_TMPDIR/ca.pem" \
		--tls-auth-clients no --unixsocket "$server_dir/tls.sock" \
		--unixsocketperm 777 --save '' --dir "$server_dir" \
		--daemonize yes --pidfile "$server_dir/tls.pid" \
		--logfile "$server_dir/tls.log" "$@" \
		>/dev/null 3>&- 4>&- </dev/null
	wait_until 20 tls ping
}

stop_tls() {
	local server_dir
	need_server_dir
	end_pid "$(cat "$server_dir/tls.pid" 2>/dev/null)" "${1:-TERM}"
}

# A command to the same server, through its socket.
tls() {
	local server_dir
	need_server_dir
	redis-cli -e -s "$server_dir/tls.sock" "$@"
}

# try URL-END [HOST]: ask a driver for a queue's state by this URL.
try() {
	run -0 "$DRIVER" "rediss://${2:-localhost}:$PORT$1" <<<'push work 1 1'
}

@test "a server with a certificate of the named authority is accepted" {
	try "?ssl_ca_certs=$CA"
	[ "$output" = 1 ]
	[ "$(tls llen rq:queue:work)" = 1 ]
	# By its address, which is in the certificate; in another database; and
	# with redis-cli's option.
	try "/3?cacert=$CA" 127.0.0.1
	[ "$output" = 1 ]
	[ "$(tls -n 3 llen rq:queue:work)" = 1 ]
}

@test "OpenSSL's own variable can name the authorities, too" {
	SSL_CERT_FILE=$CA try ''
	[ "$output" = 1 ]
}

@test "an untrusted certificate is refused, and is not an outage" {
	try ''
	[[ $output == "error localhost:$PORT: TLS: the certificate is not trusted:"* ]]
	try "?ssl_ca_certs=$BATS_FILE_TMPDIR/other.pem"
	[[ $output == "error "[l1]*"not trusted"* ]]
	[ "$(tls llen rq:queue:work)" = 0 ]
	try '?ssl_ca_certs=/nowhere.pem'
	[[ $output == "error "[l1]*"/nowhere.pem: "* ]]
}

@test "a certificate of another name is refused" {
	tls config set tls-cert-file "$BATS_FILE_TMPDIR/foreign.pem" \
		tls-key-file "$BATS_FILE_TMPDIR/foreign.key"
	for host in localhost 127.0.0.1; do
		try "?ssl_ca_certs=$CA" "$host"
		said[${#said[@]}]=$output
	done
	try "?ssl_ca_certs=$CA&ssl_check_hostname=false"
	said[2]=$output
	try "?ssl_ca_certs=$CA&ssl_check_hostname=false" 127.0.0.1
	said[3]=$output
	tls config set tls-cert-file "$BATS_FILE_TMPDIR/server.pem" \
		tls-key-file "$BATS_FILE_TMPDIR/server.key"
	[[ ${said[0]} == "error "[l1]*[Hh]"ostname mismatch"* ]]
	[[ ${said[1]} == "error "[l1]*"IP address mismatch"* ]]
	[ "${said[2]} ${said[3]}" = '1 0' ]
}

@test "only ssl_cert_reqs=none accepts any certificate" {
	try '?ssl_cert_reqs=none'
	[ "$output" = 1 ]
	try '?ssl_cert_reqs=required'
	[[ $output == *"not trusted"* ]]
}

@test "a server that requires a client certificate gets it" {
	tls config set tls-auth-clients yes
	try "?ssl_ca_certs=$CA"
	refused=$output
	cd "$BATS_FILE_TMPDIR"
	try "?ssl_ca_certs=$CA&ssl_certfile=client.pem&ssl_keyfile=client.key"
	taken=$output
	cat client.pem client.key >both.pem
	try "?ssl_ca_certs=$CA&ssl_certfile=both.pem"
	tls config set tls-auth-clients no
	[[ $refused == "error "[l1]*"TLS"*"certificate required"* ]]
	[ "$taken $output" = '1 0' ]
	try "?ssl_ca_certs=$CA&ssl_certfile=client.pem&ssl_keyfile=server.key"
	[[ $output == "error "[l1]*"server.key: "*mismatch* ]]
}

@test "a port without TLS gives a hint, a closed port is an outage" {
	plain_port=$(free_port)
	redis config set port "$plain_port"
	PORT=$plain_port try "?ssl_ca_certs=$CA"
	redis config set port 0
	echo "$output"
	# Redis 7 waits for the rest of a line; Redis 8 answers.
	[[ $output == "error unavailable "*"does this port speak TLS?" ]] ||
		[[ $output == "error "[l1]*"does not speak TLS at this port" ]]
	PORT=$plain_port try "?ssl_ca_certs=$CA"
	[[ $output == "error unavailable "*refused* ]]
}

@test "an answer in plain text is not an outage" {
	coproc PLAIN { exec /usr/bin/python3 -c '
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
c.recv(999)
c.sendall(b"-ERR Protocol error\r\n")
c.recv(999)' 3>&-; }
	# shellcheck disable=SC2153
	started=$PLAIN_PID
	read -r plain_port <&"${PLAIN[0]}"
	PORT=$plain_port try "?ssl_ca_certs=$CA"
	[[ $output == "error "[l1]*"does not speak TLS at this port" ]]
}

@test "a server that hangs costs a bounded time, and one that dies ends no process" {
	coproc LONG { exec "$DRIVER" "rediss://localhost:$PORT?cacert=$CA" 3>&-; }
	started=$LONG_PID
	ask() {
		echo "$1" >&"${LONG[1]}"
		read -r -t 20 answer <&"${LONG[0]}"
	}
	ask 'push work 1 2500' && [ "$answer" = 2500 ]
	stop_tls KILL
	ask 'push work 1 1' && [[ $answer == "error unavailable "* ]]
	start_tls
	ask 'push work 1 3' && [ "$answer" = 3 ]
	need_server_dir
	kill -STOP "$(cat "$server_dir/tls.pid")"
	ask 'push work 4 1' || true
	again=$answer
	try "?cacert=$CA"
	kill -CONT "$(cat "$server_dir/tls.pid")"
	[[ $again == "error unavailable "*"no answer in time" ]]
	[[ $output == "error unavailable "*"TLS: no answer in time"* ]]
}

@test "a whole job works over TLS, and Python reads the same URL" {
	pl-jobctl init
	export PL_REDIS_URL="rediss://localhost:$PORT/1?ssl_ca_certs=$CA"
	seq 300 | jq -c '{url: tostring, content: "text \(.)"}' |
		pl-enqueue --batch 10 >job
	[ "$(tls -n 1 llen rq:queue:processing)" = 30 ]
	timeout 50 pl-worker --burst -- "jq --unbuffered -c '{type: \"stored\",
	    document_id: .id, collection: \"x\", chunks: 1, lease}'"
	[ "$(db 'select stored from pl.jobs')" = 300 ]
	[ "$(tls -n 1 zcard rq:finished:processing)" = 30 ]
	pl-jobctl health >health || true
	pl-worker --name tester -- cat 2>err 3>&- &
	started=$!
	# RQ's command arrives on a connection of its own.
	wait_until 20 peer shut_down tester
	wait_until 20 dead "$started"
}
