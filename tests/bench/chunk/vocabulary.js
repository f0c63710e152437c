// vocabulary.js FILE: print npm tiktoken's JSON vocabulary as a .tiktoken
// file: "base64 rank" lines. In the JSON a line is "! first-rank token ...".
const fs = require("fs");

const { bpe_ranks: ranks } = JSON.parse(fs.readFileSync(process.argv[2]));
const out = [];
for (const line of ranks.split("\n")) {
	const [mark, first, ...tokens] = line.split(" ");
	if (mark !== "!")
		continue;
	tokens.forEach((token, i) => out.push(`${token} ${Number(first) + i}`));
}
process.stdout.write(out.join("\n") + "\n");
