# embed.awk - named statements of SQL as C strings; see the Makefile

function finish() {
	if (open)
		print "    ;"
	open = 0
}

/^-- name: [a-z_]+$/ {
	finish()
	printf "static const char sql_%s[] =\n", $3
	open = 1
	next
}

/^[ \t]*--/ || /^[ \t]*$/ {
	next
}

!open {
	print FILENAME ": a statement without a name: " $0 >"/dev/stderr"
	exit 1
}

{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	print "    \"" $0 "\\n\""
}

END {
	finish()
}
