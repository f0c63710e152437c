# moves.awk - moves.txt as rows of C (-v form=c) or as SQL (-v form=sql)

BEGIN {
	if (form == "c")
		print "static const struct state_move moves[] = {"
	else
		print "static const char moves_sql[] =\n" \
		    "    \"create or replace function pl.legal_move(kind text,\"\n" \
		    "    \" before text, after text) returns boolean\"\n" \
		    "    \" language sql immutable return\"\n" \
		    "    \" (kind, before, after) in (\""
}

/^#/ || NF == 0 {
	next
}

{
	for (i = 3; i <= NF; i++) {
		if (form == "c")
			printf "    {\"%s\", \"%s\", \"%s\"},\n", $1, $2, $i
		else
			printf "    \"%s('%s', '%s', '%s')\"\n",
			    n++ ? ", " : "", $1, $2, $i
	}
}

END {
	print form == "c" ? "    {NULL, NULL, NULL},\n};" : "    \")\";"
}
