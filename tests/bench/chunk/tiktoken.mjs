// tiktoken.mjs VOCABULARY.json: document records in, token counts out, a line
// each, by npm tiktoken. Special tokens are plain text.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";

const require = createRequire(process.env.PL_BENCH_CACHE + "/x");
const { Tiktoken } = require("tiktoken/lite");
const v = JSON.parse(readFileSync(process.argv[2]));
const encoder = new Tiktoken(v.bpe_ranks, {}, v.pat_str);
const out = [];

for await (const line of createInterface({ input: process.stdin }))
	out.push(encoder.encode(JSON.parse(line).content, [], []).length);
process.stdout.write(out.join("\n") + "\n");
