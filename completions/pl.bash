# pl.bash - completion in bash: a tool is asked for its options (pl(7))

# The words that argument stands for: "replace|reject", or a file's name.
_pl_argument() {
	case $1 in
	FILE) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
	*\|*) mapfile -t COMPREPLY < <(compgen -W "${1//|/ }" -- "$2") ;;
	esac
}

# bash calls it with the tool, the word and the word before.
_pl() {
	local tool=$1 word=$2 before=$3 command='' second='' name argument names=''
	local has_commands=''
	local -i i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} != -- ]] || return
		# pl and pl-jobctl have commands, some of two words.
		if [[ ! $tool =~ (^|/)pl(-jobctl)?$ || ${COMP_WORDS[i]} == -* ]]; then
			continue
		elif [[ -z $command ]]; then
			command=${COMP_WORDS[i]}
		elif [[ -z $second && $command =~ ^(source|events|collection)$ ]]; then
			second=${COMP_WORDS[i]}
		fi
	done
	if [[ $tool =~ (^|/)pl(-jobctl)?$ && (-z $command ||
		($command =~ ^(source|events|collection)$ && -z $second)) ]]; then
		has_commands=1
	fi
	# "--name=value" is three words here.
	if [[ $word == = ]]; then
		word='' before=${COMP_WORDS[COMP_CWORD - 1]}
	elif [[ $before == = ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	while IFS=$'\t' read -r name argument; do
		# Without an argument there is no second tab: read joins tabs.
		if [[ $name == "$before" && $argument == *$'\t'* ]]; then
			_pl_argument "${argument%%$'\t'*}" "$word"
			return
		fi
		names+=" $name"
	done < <("$tool" ${command:+"$command"} ${second:+"$second"} \
		--list-options 2>/dev/null)
	if [[ $word == -* || -n $has_commands ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
	elif [[ $tool == *pl-ingest || $command == run ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}

complete -o filenames -F _pl pl pl-ingest pl-enqueue pl-chunk pl-embed \
	pl-store pl-worker pl-jobctl pl-search pl-webhook
