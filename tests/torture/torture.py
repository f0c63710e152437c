"""Torture: enqueue documents while everything is killed, stopped, restarted
and cut; then let the workers drain, and compare with what must be there.

    torture.py FOLDER FAULTS SEED

All the while there is a job whose row the database refuses to change: everybody
has to live with it, and at the end it is mended.

Jobs go to two collections, and workers serve each of them: some jobs of the
same documents are bound to one or the other, and each job of a new source is
for whoever claims it first.

FOLDER/orders and FOLDER/done are how the script around it is asked to restart
the servers. Every connection of pl goes through a proxy here, which can cut it
after the n-th byte, or between a COMMIT and its answer.
"""
import faulthandler
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

COLLECTIONS = ("default", "papers")
WORKERS = 4  # half of them for each collection
DOCUMENTS = 300
LOOSE = 10  # documents of a job that is bound by its first claim
POISONED = 6  # documents of a job whose row the database refuses to change
LATE = 30  # seconds that a dead worker's task may lie idle
STOPPED_LATE = 15  # seconds that a worker may take to end after SIGTERM
LEASE_PAUSE = 17  # seconds a worker is stopped: longer than its lease of 15
DRAIN_SECONDS = 240
PIPELINE = ("pl-chunk --max 300c --target 200c | pl-embed --encoding base64"
            " --dimensions 32 | {slow} | pl-store")
SLOW = """/usr/bin/python3 -uc "
import sys, time
for line in sys.stdin:
    sys.stdout.write(line)
    time.sleep(0.002)
\""""


class Proxy:
    """A unix socket in front of another one."""

    def __init__(self, listen, target, rng):
        self.listen, self.target, self.rng = listen, target, rng
        self.lock, self.pairs, self.mute = threading.Lock(), set(), set()
        self.cut_after, self.cut_commit, self.cuts = None, False, 0
        self.silenced = 0
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(listen)
        self.server.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.server.accept()
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.target)
            except OSError:
                client.close()
                continue
            pair = (client, server)
            with self.lock:
                self.pairs.add(pair)
            for a, b, answers in ((client, server, 0), (server, client, 1)):
                threading.Thread(target=self.copy, args=(a, b, pair, answers),
                                 daemon=True).start()

    def close(self, pair):
        with self.lock:
            self.pairs.discard(pair)
            self.mute.discard(pair)
        for end in pair:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def copy(self, source, sink, pair, answers):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                with self.lock:
                    if pair in self.mute:
                        continue
                    if answers and self.cut_commit and b"COMMIT\0" in data:
                        # The command was done, but its answer is lost.
                        self.cut_commit = False
                        self.cuts += 1
                        break
                    if self.cut_after is not None:
                        self.cut_after -= len(data)
                        if self.cut_after < 0:
                            sink.sendall(data[:self.cut_after])
                            self.cut_after = None
                            self.cuts += 1
                            break
                sink.sendall(data)
        except OSError:
            pass
        self.close(pair)

    def silence(self):
        """One connection stays open, and nothing comes through any more."""
        with self.lock:
            if self.pairs:
                self.mute.add(self.rng.choice(list(self.pairs)))
                self.silenced += 1

    def cut_all(self):
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            self.close(pair)
        self.cuts += len(pairs)


class Torture:
    def __init__(self, folder, faults, seed):
        self.folder, self.faults, self.seed = folder, faults, seed
        self.rng = random.Random(seed)
        self.direct = dict(os.environ)  # for looking: never cut
        url = os.environ["PL_DATABASE_URL"]
        host = re.search("host=([^&]*)", url).group(1)
        proxied = os.path.join(folder, "proxy")
        os.mkdir(proxied)
        self.postgres = Proxy(f"{proxied}/.s.PGSQL.5432",
                              f"{host}/.s.PGSQL.5432", self.rng)
        redis = os.environ["PL_REDIS_URL"].split("://", 1)[1]
        self.redis_socket = redis
        self.redis = Proxy(f"{proxied}/redis.sock", redis, self.rng)
        self.cut = dict(os.environ, PL_DATABASE_TIMEOUT="10s", PL_REDIS_URL=f"unix://{proxied}/redis.sock",
                        PL_DATABASE_URL=url.replace(host, proxied))
        self.workers, self.names, self.stopped = [None] * WORKERS, {}, set()
        self.counts = {}
        # What was enqueued, in its order: texts by url, the source of a url, and
        # by collection and url the number of the text that it must have.
        self.texts, self.sources, self.asked = {}, {}, {}
        self.takeovers, self.watching, self.endings = [], [], []
        self.refusing = threading.Lock()
        self.double, self.running = {}, True  # rows of tasks by id
        self.log = open(os.path.join(folder, "log"), "ab")
        self.born = 0

    # Looking.

    def sql(self, text, tries=200):
        for _ in range(tries):
            done = subprocess.run(
                ["psql", "-XAtqF|", "-c", text, self.direct["PL_DATABASE_URL"]],
                capture_output=True, text=True)
            if done.returncode == 0:
                return [line.split("|") for line in done.stdout.splitlines()]
            time.sleep(0.1)
        sys.exit(f"torture: {text}: {done.stderr}")

    def redis_cli(self, *words):
        return subprocess.run(["redis-cli", "-s", self.redis_socket, *words],
                              capture_output=True, text=True).stdout.split()

    # The actors.

    def start_worker(self, i):
        self.born += 1
        name = f"torture.{i}.{self.born}"
        self.workers[i] = subprocess.Popen(
            ["pl-worker", "--name", name, "--window", "16",
             "--document-timeout", "20s", "--collection",
             COLLECTIONS[i % len(COLLECTIONS)], "--",
             PIPELINE.format(slow=SLOW)],
            env=self.cut, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log)
        self.names[self.workers[i].pid] = name

    def keep_workers(self):
        for i, worker in enumerate(self.workers):
            if worker is None or worker.poll() is not None:
                self.start_worker(i)

    def children(self, pid):
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                return [int(word) for word in f.read().split()]
        except OSError:
            return []

    def document(self, n, version):
        words = " ".join(f"word{self.rng.randrange(999)}" for _ in range(60))
        return {"url": f"https://t.example/{n}",
                "content": f"# Page {n}\n\nVersion {version}. {words}\n\n"
                           f"## More of {n}\n\n{words} version {version}\n"}

    def note(self, source, collection, documents):
        for d in documents:
            texts = self.texts.setdefault(d["url"], [])
            texts.append(d["content"])
            self.sources[d["url"]] = source
            if collection is not None:
                self.asked[collection, d["url"]] = len(texts) - 1

    def enqueue(self, source, collection, documents):
        text = "".join(json.dumps(d) + "\n" for d in documents)
        to = [] if collection is None else ["--collection", collection]
        # A text may be stored although pl-enqueue fails.
        self.note(source, collection, documents)
        for _ in range(200):
            done = subprocess.run(
                ["pl-enqueue", "--batch", "8", "--max-attempts", "20",
                 "--source", source, *to], input=text.encode(), env=self.cut,
                stdout=subprocess.DEVNULL, stderr=self.log)
            if done.returncode == 0:
                return
            time.sleep(0.3)
        sys.exit("torture: pl-enqueue never succeeded")

    def feed(self, version):
        """A job for the collections in turn, and one of a new source."""
        if version % 3 == 0:
            source, collection = f"loose{version}", None
            documents = [self.document(f"loose{version}/{n}", version)
                         for n in range(LOOSE)]
        else:
            source, collection = "torture", COLLECTIONS[version % 3 - 1]
            documents = [self.document(n, version)
                         for n in self.rng.sample(range(DOCUMENTS), 40)]
        self.enqueue(source, collection, documents)

    # A row that stays broken: only its own job may fail.

    def poison(self):
        documents = [self.document(f"poisoned/{n}", 0) for n in range(POISONED)]
        text = "".join(json.dumps(d) + "\n" for d in documents)
        done = subprocess.run(
            ["pl-enqueue", "--batch", "3", "--source", "torture",
             "--collection", "default"], input=text, env=self.direct,
            capture_output=True, text=True, check=True)
        self.note("torture", "default", documents)
        self.bad_job = json.loads(done.stdout)["id"]
        self.sql("create function pl.poisoned() returns trigger language"
                 " plpgsql as 'begin raise exception ''poisoned row''; end';"
                 " create trigger poisoned before update on pl.jobs"
                 f" for each row when (new.id = '{self.bad_job}')"
                 " execute function pl.poisoned()")

    def poison_is_left_alone(self):
        """A burst finds only the poisoned job, and reports it. After the row
        is repaired, the next burst does the job's tasks as usual."""
        before = self.sql("select status, waiting from pl.job_accounts"
                          f" where id = '{self.bad_job}'")
        verify = subprocess.run(["pl-jobctl", "verify"], env=self.direct,
                                capture_output=True, text=True)
        refused = self.burst()
        self.sql("drop trigger poisoned on pl.jobs")
        mended = self.burst()
        for run in (verify, refused, mended):
            self.log.write((run.stdout + run.stderr).encode())
        self.log.flush()
        return {"poisoned documents that did not wait":
                int(before != [["queued", str(POISONED)]]),
                "violations of the account while one was poisoned":
                len(self.violations(verify)[1]),
                "bursts that did not tell of the poisoned job":
                int(refused.returncode != 1 or
                    "tasks left that the database refuses: 2"
                    not in refused.stderr),
                "bursts that did not do the mended job":
                int(mended.returncode != 0)}

    def burst(self):
        return subprocess.run(
            ["timeout", "60", "pl-worker", "--burst", "--",
             PIPELINE.format(slow="cat")], env=self.direct,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def feeder(self):
        version = 0
        while self.running:
            version += 1
            self.feed(version)
            time.sleep(0.5)
        self.versions = version

    def bystander(self, command):
        while self.running:
            subprocess.run(command, env=self.direct, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            time.sleep(0.2)

    def watcher(self):
        """Ids twice in the list; how long a dead worker's task lay idle."""
        while self.running or self.watching:
            ids = self.redis_cli(  # both lists at one moment
                "eval", "local ids = {} for _, key in ipairs(KEYS) do"
                " for _, id in ipairs(redis.call('lrange', key, 0, -1)) do"
                " table.insert(ids, id) end end return ids", "2",
                "rq:queue:processing", "rq:queue:processing@papers")
            twice = {i for i in ids if ids.count(i) > 1} - set(self.double)
            for i in twice:
                self.double[i] = self.sql("select t.* from pl.tasks t"
                                          f" where id = '{i}'")
            for entry in list(self.watching):
                name, task, since = entry
                row = self.sql("select status, worker from pl.tasks"
                               f" where id = '{task}'")
                if not row or row[0][0] in ("completed", "canceled", "failed") \
                        or (row[0][0] == "in_progress" and row[0][1] != name):
                    if entry in self.watching:
                        self.watching.remove(entry)
                        self.takeovers.append(time.time() - since)
            time.sleep(0.2)

    # Faults.

    def kill_worker(self):
        worker = self.rng.choice(self.workers)
        name = self.names[worker.pid]
        for (task,) in self.sql("select id from pl.tasks where worker ="
                                f" '{name}' and status = 'in_progress'"):
            self.watching.append((name, task, time.time()))
        worker.kill()
        worker.wait()

    def kill_stage(self):
        stages = self.children(self.rng.choice(self.workers).pid)
        if stages:
            self.signal(self.rng.choice(stages), signal.SIGKILL)

    def signal(self, pid, number):
        try:
            os.kill(pid, number)
        except OSError:
            pass

    def terminate_worker(self):
        worker = self.rng.choice(self.workers)
        if worker.pid in self.stopped:
            return
        since = time.time()
        worker.terminate()

        def measure():
            worker.wait()
            self.endings.append(time.time() - since)
        threading.Thread(target=measure, daemon=True).start()

    def stop_stage(self):
        """A stage that lives but does nothing, until the worker kills it."""
        stages = self.children(self.rng.choice(self.workers).pid)
        if stages:
            self.signal(self.rng.choice(stages), signal.SIGSTOP)

    def refuse(self, begin, end):
        """A server that fails for some seconds. Nobody can take over a task
        meanwhile, so this does not count as a slow takeover."""
        if not self.refusing.acquire(blocking=False):
            return
        begin()
        seconds = self.rng.uniform(0.5, 4)

        def pass_by():
            time.sleep(seconds)
            end()
            self.watching.clear()
            self.refusing.release()
        threading.Thread(target=pass_by, daemon=True).start()

    def admin(self, text):
        """Run SQL as the superuser, with any settings of the database, and
        also while it restarts: a temporary setting must not stay."""
        for _ in range(200):
            done = subprocess.run(
                ["psql", "-XAtqc", text, self.direct["PL_TEST_ADMIN_URL"]],
                env=dict(self.direct, PGOPTIONS="-c statement_timeout=0"
                         " -c default_transaction_read_only=off"),
                check=False, stdout=subprocess.DEVNULL, stderr=self.log)
            if done.returncode == 0:
                return
            time.sleep(0.1)

    def set_database(self, setting):
        """Set it for new connections, and end all others."""
        self.admin(f"alter database pl {setting}; select"
                   " pg_terminate_backend(pid) from pg_stat_activity where"
                   " application_name like 'pl-%'")

    def read_only(self):
        self.refuse(
            lambda: self.set_database(
                "set default_transaction_read_only = on"),
            lambda: self.set_database("reset default_transaction_read_only"))

    def no_time(self):
        self.refuse(lambda: self.set_database("set statement_timeout = 5"),
                    lambda: self.set_database("reset statement_timeout"))

    def replica(self):
        """Make Redis a replica of a server that does not exist."""
        self.refuse(lambda: self.redis_cli("replicaof", "127.0.0.1", "1"),
                    lambda: self.redis_cli("replicaof", "no", "one"))

    def full_redis(self):
        self.refuse(lambda: self.redis_cli("config", "set", "maxmemory", "1"),
                    lambda: self.redis_cli("config", "set", "maxmemory", "0"))

    def pause_worker(self):
        """Stop worker and stages until their lease lapses, then continue."""
        worker = self.rng.choice(self.workers)
        if self.stopped:
            return
        pids = [worker.pid] + self.children(worker.pid)
        self.stopped.update(pids)
        for pid in pids:
            self.signal(pid, signal.SIGSTOP)

        def resume():
            time.sleep(LEASE_PAUSE)
            for pid in pids:
                self.signal(pid, signal.SIGCONT)
            self.stopped.clear()
        threading.Thread(target=resume, daemon=True).start()

    def order(self, word):
        with open(os.path.join(self.folder, "orders"), "w") as f:
            f.write(word + "\n")
        if word != "end":
            with open(os.path.join(self.folder, "done")) as f:
                f.readline()

    def restart_redis(self):
        self.order("redis")
        self.watching.clear()

    def flush_redis(self):
        """Tasks that Redis lost wait for the next sync, up to 30 s more, so
        this does not count as a slow takeover of a dead worker's task."""
        self.redis_cli("flushall")
        self.watching.clear()

    def fault(self):
        kinds = [
            (self.kill_worker, 5), (self.kill_stage, 6),
            (self.terminate_worker, 2), (self.pause_worker, 2),
            (lambda: self.order("postgres"), 1),
            (self.restart_redis, 1),
            (self.flush_redis, 2),
            (self.postgres.cut_all, 2), (self.redis.cut_all, 2),
            (lambda: setattr(self.postgres, "cut_after",
                             self.rng.randrange(200000)), 4),
            (lambda: setattr(self.redis, "cut_after",
                             self.rng.randrange(20000)), 3),
            (lambda: setattr(self.postgres, "cut_commit", True), 5),
            (self.postgres.silence, 2), (self.redis.silence, 2),
            (self.stop_stage, 1), (self.read_only, 2), (self.no_time, 1),
            (self.replica, 1), (self.full_redis, 1),
        ]
        names = ["kill worker", "kill stage", "terminate worker",
                 "stop past the lease", "restart Postgres", "restart Redis",
                 "FLUSHALL", "cut Postgres", "cut Redis", "cut Postgres at n",
                 "cut Redis at n", "cut at COMMIT", "silent Postgres",
                 "silent Redis", "stop a stage", "read-only Postgres",
                 "statement_timeout", "replica of nothing", "full Redis"]
        i = self.rng.choices(range(len(kinds)), [k[1] for k in kinds])[0]
        self.counts[names[i]] = self.counts.get(names[i], 0) + 1
        kinds[i][0]()

    # The verdict.

    def drain(self):
        until = time.time() + DRAIN_SECONDS
        retried = 0
        while time.time() < until:
            self.keep_workers()
            open_jobs = self.sql("select count(*) from pl.jobs where status"
                                 " in ('pending', 'queued', 'in_progress')"
                                 f" and id <> '{self.bad_job}'")
            if open_jobs[0][0] == "0":
                # A document whose pipeline was killed twice has failed, which
                # is right. Retry it, as an operator does.
                failed = self.sql("select distinct j.id from pl.jobs j join"
                                  " pl.job_documents d on d.job_id = j.id join"
                                  " pl.documents o on o.id = d.document_id"
                                  " where d.status = 'failed'"
                                  " and o.status = 'failed'")
                if not failed:
                    return retried, True
                for (job,) in failed:
                    subprocess.run(["pl-jobctl", "retry", job, "--failed"],
                                   env=self.direct, stdout=self.log,
                                   stderr=self.log)
                    retried += 1
            time.sleep(0.5)
        self.left = self.open_work()
        return retried, False

    def open_work(self):
        """What was left to do, in which queue and by whom it was held."""
        jobs = self.sql(
            "select 'job', j.id, j.status, j.collection, j.sealed, j.documents,"
            " j.waiting, j.in_flight from pl.job_accounts j where j.status in"
            " ('pending', 'queued', 'in_progress')"
            f" and j.id <> '{self.bad_job}'")
        tasks = self.sql(
            "select 'task', t.id, t.status, t.queue, t.worker, t.run_at,"
            " t.lease_expires_at, now() from pl.tasks t"
            f" where t.finished_at is null and t.job_id <> '{self.bad_job}'")
        workers = self.sql("select 'worker', name, status, collection, heartbeat_at"
                           " from pl.workers")
        queues = self.sql("select 'queue', q.* from pl.queues q")
        return jobs + tasks + workers + queues

    def cut_texts(self):
        """The documents' ids by url, and what pl-chunk makes of each text."""
        lines = [json.dumps({"url": url, "content": text,
                             "source": self.sources[url]})
                 for url, texts in self.texts.items() for text in texts]
        out = subprocess.run(
            ["pl-chunk", "--max", "300c", "--target", "200c"],
            input="\n".join(lines).encode(), capture_output=True, check=True)
        ids, want, chunks = {}, {}, {}
        for line in out.stdout.decode().splitlines():
            record = json.loads(line)
            if record["type"] == "chunk":
                chunks[record["index"]] = record["hash"]
            else:
                ids[record["url"]] = record["document_id"]
                want.setdefault(record["document_id"], []).append(chunks)
                chunks = {}
        return ids, want

    def rows(self, collection):
        """The hashes of its chunks by document and index, and how many rows
        have the same document and index as another one."""
        have, duplicates = {}, 0
        for document, index, digest in self.sql(
                f"select document_id, index, hash from pl.chunks_{collection}"):
            chunks = have.setdefault(document, {})
            duplicates += int(index) in chunks
            chunks[int(index)] = digest
        return have, duplicates

    def judge_collection(self, name, ids, want):
        """Each document that a job of the collection had is there as the text
        of that job or a later one, and the ledger says which; nothing else
        is there."""
        have, duplicates = self.rows(name)
        bound = {row[0] for row in self.sql(
            "select distinct w.document_id from pl.job_documents w join"
            f" pl.jobs j on j.id = w.job_id where j.collection = '{name}'")}
        ledger = {row[0]: (row[1] == "t", int(row[2])) for row in self.sql(
            "select l.document_id, l.content_hash = d.content_hash, l.chunks"
            " from pl.stored_documents l join pl.documents d on d.id ="
            f" l.document_id where l.collection = '{name}' and not l.stale")}
        asked = {ids[url]: n for (to, url), n in self.asked.items()
                 if to == name}
        lost = (set(asked) | set(bound)) - set(have)
        mixed = {i for i in have if have[i] not in want.get(i, [])}
        old = {i for i, n in asked.items() if i in have and i not in mixed
               and have[i] not in want[i][n:]}
        latest = {i for i in have if i in want and have[i] == want[i][-1]}
        self.behind[name] = len(set(have) - latest)
        return {"lost": len(lost), "duplicate chunk rows": duplicates,
                "documents of mixed version": len(mixed),
                "documents older than the last one asked for": len(old),
                "documents that nobody asked for there":
                len(set(have) - set(bound)),
                "documents of which the ledger is wrong":
                len(set(have) ^ set(ledger)) + sum(
                    ledger[i] != (i in latest, len(have[i]))
                    for i in have if i in ledger)}

    @staticmethod
    def violations(verify):
        """How many documents are older in a collection than elsewhere, which is
        as it must be here; and the other lines of verify."""
        behind, other = {}, []
        for line in verify.stdout.splitlines():
            found = re.search(r"collection (\w+): (\d+) documents have an"
                              " older text", line)
            if found:
                behind[found.group(1)] = int(found.group(2))
            else:
                other.append(line)
        return behind, other

    def judge_verify(self):
        verify = subprocess.run(["pl-jobctl", "verify"], env=self.direct,
                                capture_output=True, text=True)
        said, other = self.violations(verify)
        behind = {name: n for name, n in self.behind.items() if n > 0}
        print(f"  with an older text than elsewhere: {behind}")
        return {"violations of the account": len(other),
                "collections whose older texts verify counts wrongly":
                sum(said.get(c) != behind.get(c) for c in COLLECTIONS)}, other

    def judge(self):
        """Compare the tables with what pl-chunk makes of the texts."""
        ids, want = self.cut_texts()
        self.behind = {}
        verdict = {"documents": len(ids)}
        for name in COLLECTIONS:
            for what, n in self.judge_collection(name, ids, want).items():
                verdict[what] = verdict.get(what, 0) + n
        stored = {row[0] for row in self.sql(
            "select id from pl.documents where status = 'stored'")}
        verdict["documents that are not stored"] = len(
            set(ids.values()) - stored)
        verdict["documents nobody enqueued"] = len(self.sql(
            "select id from pl.documents")) - len(ids)
        verdict["jobs that are open or bound to nothing"] = len(self.sql(
            "select id from pl.jobs where collection is null or status in"
            " ('pending', 'queued', 'in_progress')"))
        verdict["ids twice in the queue"] = len(self.double)
        told, lines = self.judge_verify()
        verdict.update(told)
        return verdict, lines

    def run(self):
        print(f"torture: {self.faults} faults, seed {self.seed}", flush=True)
        self.poison()
        for i in range(WORKERS):
            self.start_worker(i)
        threads = [threading.Thread(target=self.feeder),
                   threading.Thread(target=self.watcher)]
        for command in (["pl-jobctl", "sync"], ["pl-jobctl", "sync"],
                        ["/usr/bin/rq", "info", "--url",
                         self.direct["PL_REDIS_URL"]]):
            threads.append(threading.Thread(target=self.bystander,
                                            args=(command,)))
        for thread in threads:
            thread.start()
        try:
            for _ in range(self.faults):
                time.sleep(self.rng.uniform(0.05, 0.6))
                self.keep_workers()
                self.fault()
            # A cut that was ordered but not made must not happen during the
            # drain.
            self.postgres.cut_after = self.redis.cut_after = None
            self.postgres.cut_commit = False
        finally:
            self.running = False
        threads[0].join()
        with self.refusing:
            pass
        while self.stopped:
            time.sleep(0.2)
        retried, drained = self.drain()
        for thread in threads[1:]:
            thread.join()
        for worker in self.workers:
            worker.terminate()
            worker.wait()
        poison = self.poison_is_left_alone()
        verdict, violations = self.judge()
        verdict.update(poison)
        for name in sorted(self.counts):
            print(f"  {self.counts[name]:4} {name}")
        print(f"  connections cut: {self.postgres.cuts} to Postgres,"
              f" {self.redis.cuts} to Redis")
        if self.takeovers:
            times = sorted(self.takeovers)
            p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
            print(f"  dead workers' tasks taken over: {len(times)}, median"
                  f" {times[len(times) // 2]:.1f} s, p99 {p99:.1f} s")
            verdict[f"takeovers later than {LATE} s at p99"] = int(p99 > LATE)
        if self.endings:
            times = sorted(self.endings)
            p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
            print(f"  ends after SIGTERM: {len(times)}, median"
                  f" {times[len(times) // 2]:.1f} s, p99 {p99:.1f} s")
            verdict[f"ends later than {STOPPED_LATE} s at p99"] = int(
                p99 > STOPPED_LATE)
        print(f"  jobs with documents killed twice, retried: {retried}")
        print("after the drain:")
        for name, value in verdict.items():
            print(f"  {value:4} {name}")
        bad = [f"{value} {name}" for name, value in verdict.items()
               if value != 0 and name != "documents"]
        if not drained:
            bad.insert(0, "not drained")
            print("  NOT DRAINED:")
            print("\n".join("    " + " ".join(row) for row in self.left))
        if violations:
            print("\n".join(violations)[:2000])
        for task, row in self.double.items():
            print("  twice in the queue:", task, row)
        print("torture:", "FAILED: " + "; ".join(bad) if bad else
              "nothing lost, nothing twice")
        return 1 if bad else 0


def main():
    faulthandler.register(signal.SIGUSR1)  # where everybody is, when it hangs
    folder, faults, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torture = Torture(folder, faults, seed)
    status = 1
    try:
        status = torture.run()
    finally:
        torture.running = False
        torture.watching.clear()
        for worker in torture.workers:
            if worker is not None and worker.poll() is None:
                worker.kill()
        if status:
            with open(os.path.join(folder, "log"), "rb") as f:
                sys.stderr.write(f.read()[-4000:].decode(errors="replace"))
            subprocess.run(["cp", os.path.join(folder, "log"),
                            "/tmp/torture.log"])
        torture.order("end")
    sys.exit(status)


main()
