// BullMQ at what pl-worker is measured at; prints tasks a second.
//
// usage: bullmq.mjs noop|ledger COUNT     (run in a folder with node_modules)
//
// Redis is PL_REDIS_URL. noop: the job does nothing. ledger: it is noted in
// Postgres (PL_DATABASE_URL) when it starts and when it ends, a row each.
import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const { Queue, Worker } = require('bullmq');
const IORedis = require('ioredis');
const pg = require('pg');

const CONCURRENCY = 50;
const BATCH = 1000;
const [kind, text] = process.argv.slice(2);
const count = Number(text);
const path = process.env.PL_REDIS_URL.replace('unix://', '');
const connection = () => new IORedis({ path, maxRetriesPerRequest: null });

let work = async () => {};
if (kind === 'ledger') {
	const pool = new pg.Pool({
		connectionString: process.env.PL_DATABASE_URL, max: 10 });
	await pool.query(`drop table if exists ledger;
		create table ledger (id integer primary key, status text);
		insert into ledger select i, 'queued'
		    from generate_series(0, ${count - 1}) i`);
	const note = (status, id) => pool.query(
		'update ledger set status = $1 where id = $2', [status, id]);
	work = async (job) => {
		await note('in_progress', job.data.id);
		await note('completed', job.data.id);
	};
}

const queue = new Queue('bench', { connection: connection() });
for (let i = 0; i < count; i += BATCH)
	await queue.addBulk(Array.from({ length: BATCH }, (_, k) => ({
		name: 'task', data: { id: i + k }, opts: { removeOnComplete: true },
	})));
const before = performance.now();
await new Promise((resolve) => {
	let done = 0;
	const worker = new Worker('bench', work,
		{ connection: connection(), concurrency: CONCURRENCY });
	worker.on('completed', () => ++done === count && resolve());
});
console.log(Math.round(count / ((performance.now() - before) / 1000)));
process.exit(0);
