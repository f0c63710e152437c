// langchain.mjs [--markdown] [--size=CHARACTERS] [FILE.json TOKENS]:
// RecursiveCharacterTextSplitter, or MarkdownTextSplitter, records in, records
// out, as its users write it; with tokens if told the vocabulary.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";

const require = createRequire(process.env.PL_BENCH_CACHE + "/x");
const { MarkdownTextSplitter, RecursiveCharacterTextSplitter } =
	require("@langchain/textsplitters");

const options = { chunkSize: 1600, chunkOverlap: 0 };
let Splitter = RecursiveCharacterTextSplitter;
if (process.argv[2] == "--markdown") {
	Splitter = MarkdownTextSplitter;
	process.argv.splice(2, 1);
}
const size = process.argv.findIndex((word) => word.startsWith("--size="));
if (size > 0)
	options.chunkSize = Number(process.argv.splice(size, 1)[0].slice(7));
if (process.argv[2]) {
	const { Tiktoken } = require("tiktoken/lite");
	const v = JSON.parse(readFileSync(process.argv[2]));
	const encoder = new Tiktoken(v.bpe_ranks, {}, v.pat_str);
	options.chunkSize = Number(process.argv[3]);
	options.lengthFunction = (text) => encoder.encode(text, [], []).length;
}
const splitter = new Splitter(options);
let out = [];

for await (const line of createInterface({ input: process.stdin })) {
	const doc = JSON.parse(line);
	const chunks = await splitter.splitText(doc.content);
	chunks.forEach((text, index) => out.push(JSON.stringify(
		{ type: "chunk", document: doc.url, index, text })));
	out.push(JSON.stringify({ type: "end", document: doc.url }));
	if (out.length > 1000) {
		process.stdout.write(out.join("\n") + "\n");
		out = [];
	}
}
if (out.length)
	process.stdout.write(out.join("\n") + "\n");
