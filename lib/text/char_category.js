// char_category.js: print char_category_ranges.h from the Unicode data of node
const classes = [["S", /^\p{White_Space}$/u], ["U", /^[\p{Lu}\p{Lt}]$/u],
	["L", /^\p{Ll}$/u], ["E", /^[\p{Lm}\p{Lo}]$/u],
	["M", /^\p{M}$/u], ["N", /^\p{N}$/u]];
const category = (c) => {
	if (c >= 0xD800 && c <= 0xDFFF)
		return "O";
	const s = String.fromCodePoint(c);
	for (const [name, re] of classes)
		if (re.test(s))
			return name;
	return "O";
};
const ranges = [];
let before = "";
// A run of upper and lower case by turns is one range.
for (let c = 0; c <= 0x10FFFF; ) {
	const k = category(c);
	if (k === "U" && category(c + 1) === "L" &&
	    category(c + 2) === "U" && category(c + 3) === "L") {
		ranges.push([c, "T"]);
		before = "T";
		while (category(c) === "U" && category(c + 1) === "L")
			c += 2;
		continue;
	}
	if (k !== before)
		ranges.push([c, k]);
	before = k;
	c++;
}
console.log("/* Made by char_category.js from Unicode " + process.versions.unicode +
	": where each run of a class begins. */");
let line = "";
for (const [c, k] of ranges) {
	const item = `{0x${c.toString(16).toUpperCase()}, '${k}'},`;
	if (line.length + item.length > 78) {
		console.log(line);
		line = "";
	}
	line += (line ? " " : "") + item;
}
console.log(line);
