// cuts.mjs DOCUMENTS CHUNKS MAX: what the cuts between chunks part that defects
// does not see: characters as people see them, by ICU's segmenter, and, in
// text that is not code or a table, code spans, links and URLs of at most half
// of MAX characters, less what a heading takes that they must stay with, and
// names with a dot. Prints how many of each, and ends
// with 1 if there are any.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const [documents, chunks, max] = process.argv.slice(2);
const lines = (file) => createInterface({ input: createReadStream(file) });
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
const spans = [/`[^`\n]+`/g, /!?\[[^[\]\n]*\]\([^()\s]*\)/g,
	/https?:\/\/[^\s<>()[\]"'`]+/g];
const found = { cuts: 0, "in a character": 0, "in a code span, link or URL": 0,
	"behind the dot of a name": 0 };
const examples = [];

// text around byte offset at: at most so many bytes to each side.
function around(bytes, at, most) {
	let from = Math.max(0, at - most), to = Math.min(bytes.length, at + most);
	while (from > 0 && (bytes[from] & 0xC0) === 0x80)
		from--;
	while (to < bytes.length && (bytes[to] & 0xC0) === 0x80)
		to++;
	return [bytes.toString("utf8", from, at), bytes.toString("utf8", at, to)];
}

function note(what, before, after) {
	found[what]++;
	if (examples.length < 5)
		examples.push(`${what}: ${JSON.stringify(before.slice(-30))} | ` +
			JSON.stringify(after.slice(0, 30)));
}

function check(bytes, end, start) {
	const [before, after] = around(bytes, start, 200);
	found.cuts++;
	// A regional indicator's place depends on all of them before it.
	const segment = segmenter.segment(before + after).containing(before.length);
	if (segment && segment.index !== before.length)
		note("in a character", before, after);
	if (end < start)
		return;
	const [left, right] = around(bytes, start, 3000);
	const head = left.slice(left.lastIndexOf("\n\n") + 1);
	const above = left.slice(0, left.length - head.length - 1).split("\n").at(-1);
	const room = above.startsWith("#") ? max - 2 * above.length : max;
	const rest = right.indexOf("\n\n");
	const text = head + (rest < 0 ? right : right.slice(0, rest));
	if (/```|~~~|^\s*\||^(?: {4}|\t)|<|\|/m.test(text))
		return;
	for (const span of spans)
		for (const m of text.matchAll(span))
			if (m.index < head.length && head.length < m.index + m[0].length &&
				m[0].length <= room / 2)
				note("in a code span, link or URL", left, right);
	if (/[\p{L}\p{N}]\.$/u.test(left) && /^[\p{Ll}\p{N}]/u.test(right))
		note("behind the dot of a name", left, right);
}

const records = lines(chunks)[Symbol.asyncIterator]();
for await (const line of lines(documents)) {
	const bytes = Buffer.from(JSON.parse(line).content);
	let last = null;
	for (;;) {
		const r = JSON.parse((await records.next()).value);
		if (r.type !== "chunk")
			break;
		if (last)
			check(bytes, last.end, r.start);
		last = r;
	}
}
for (const [what, count] of Object.entries(found))
	console.log(what.padEnd(30), count);
for (const example of examples)
	console.log("    " + example);
process.exit(found.cuts === Object.values(found).reduce((a, b) => a + b) ? 0 : 1);
