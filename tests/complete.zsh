# complete.zsh FOLDER TEXT...: what zsh offers when each TEXT was typed, with
# the completions of FOLDER: lines "TEXT: WORD"
zmodload zsh/zpty
zpty z 'TERM=dumb zsh -f -i'
zpty -w z "PS1=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D"
# Each match is printed, and then the end. The quotes: what is typed is echoed.
zpty -w z 'compadd() {
	local -a all
	builtin compadd -O all "$@"
	print -rl -- "" "<"${^all}">"
	builtin compadd "$@"
}
# zsh empties the list before it calls what was in it.
ended() { comppostfuncs=(ended); print -r "<en""d>" }
comppostfuncs=(ended)'
shift
for text; do
	zpty -w -n z "$text"$'\t'
	zpty -r z out '*<end>*'
	zpty -w -n z $'\C-u'
	print -r -- "$out" | tr -d '\r' | grep -o '^<.*>$' | grep -v '^<end>$' |
		sed "s|^<\(.*\)>|$text: \1|" | sort -u
done
zpty -d z
