#!/bin/sh
# crawl-webhook.sh: a crawl ends, its webhook arrives, and its pages are found.
#
# By hand, what Firecrawl and pl-webhook do by themselves: curl sends the two
# events of a crawl, signed as Firecrawl signs them, and a small web server stands
# for Firecrawl's API and gives the pages of crawl.json. Needs curl, openssl, jq
# and python3, and servers: "pl up", then eval "$(pl env)".
set -eu
crawl=$(cd "$(dirname "$0")" && pwd)/crawl.json
work=$(mktemp -d)
trap 'kill $api $receiver 2>/dev/null; rm -rf "$work"' EXIT
api='' receiver=''

say() {
	echo "== $*" >&2
}

# address FILE: the first 127.0.0.1:PORT that a server has written to FILE.
address() {
	until grep -q '127\.0\.0\.1' "$1"; do sleep 0.1; done
	sed -n 's/.*\(127\.0\.0\.1:[0-9]*\).*/\1/p' "$1" | head -n 1
}

say "Firecrawl's API: the crawl 'demo' has ended"
cat >"$work/api.py" <<'END'
import http.server, sys

class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if self.path.endswith("/errors"):
            self.wfile.write(b'{"errors": [], "robotsBlocked": []}')
        else:
            self.wfile.write(open(sys.argv[1], "rb").read())

server = http.server.HTTPServer(("127.0.0.1", 0), Api)
print("127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
END
python3 "$work/api.py" "$crawl" >"$work/api" 2>/dev/null &
api=$!
FIRECRAWL_API_URL=http://$(address "$work/api")
# The API is on this machine, which a worker must be told.
export FIRECRAWL_API_URL PL_ALLOW_PRIVATE=1

pl-jobctl init >/dev/null

say "a source that has a webhook, and its secret"
pl-jobctl source show crawled >/dev/null 2>&1 ||
	pl-jobctl source add crawled --verifier firecrawl --prune
mkdir "$work/secrets"
openssl rand -hex 16 >"$work/secrets/crawled"

say "the receiver"
pl-webhook --listen 127.0.0.1:0 --secrets "$work/secrets" \
	>"$work/receiver" 2>&1 &
receiver=$!
hook=http://$(address "$work/receiver")/hook/crawled

# event TYPE: send an event of the crawl, signed.
event() {
	jq -nc --arg type "$1" --arg id "$(openssl rand -hex 16)" '{success: true,
	    type: $type, id: "demo", webhookId: $id, data: [], metadata: {}}' |
		tr -d '\n' >"$work/event"
	signature=$(openssl dgst -sha256 -hmac "$(cat "$work/secrets/crawled")" \
		<"$work/event" | sed 's/.* //')
	curl -sS --fail-with-body "$hook" --data-binary @"$work/event" \
		-H 'Content-Type: application/json' \
		-H "X-Firecrawl-Signature: sha256=$signature"
}

say "the crawl has begun"
event crawl.started
pl-jobctl --table sources

say "the crawl has ended"
event crawl.completed
pl-jobctl --table events list

say "a worker reads the crawl, and processes its pages"
# 3: two pages of the example crawl are broken on purpose.
pl-worker --burst || [ $? -eq 3 ]
pl-jobctl --table status crawled

say "and they are found"
pl-search --limit 1 'How long are backups kept?' | jq -r '.url, .text'
