# pl.fish - completion in fish: a tool is asked for its options (pl(7))

function __pl_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l tool $words[1]
    set -l before $words[-1]
    set -l has_commands 0
    string match -qr '(^|/)pl(-jobctl)?$' -- $tool; and set has_commands 1
    set -l command ""
    set -l second ""
    for w in $words[2..-1]
        test "x$w" = x--; and return
        if test $has_commands = 0; or string match -q -- '-*' $w
            continue
        else if test -z "$command"
            set command $w
        else if test -z "$second"; and contains $command source events collection
            set second $w
        end
    end
    set -l wants_command 0
    if test "$has_commands$command" = 1
        set wants_command 1
    else if test -z "$second"; and contains -- $command source events collection
        set wants_command 1
    end
    # --name=value
    set -l prefix
    if string match -q -- '--*=*' $word
        set before (string replace -r '=.*' '' -- $word)
        set prefix $before=
    end
    for line in ($tool (string split -n " " -- $command $second) --list-options 2>/dev/null)
        set -l fields (string split \t -- $line)
        # The letter x: test would take an option for its own.
        if test "x$fields[1]" = "x$before"; and test -n "$fields[2]"
            if test "$fields[2]" = FILE
                __fish_complete_path (string replace -- "$prefix" '' $word)
            else if string match -q '*|*' -- $fields[2]
                printf "$prefix%s\n" (string split '|' -- $fields[2])
            end
            return
        end
        if string match -q -- '-*' $word; or test $wants_command = 1
            printf '%s\t%s\n' $fields[1] $fields[3]
        end
    end
    if string match -qr '(^|/)pl-ingest$' -- $tool; or test "x$command" = xrun
        __fish_complete_path $word
    end
end

for tool in pl pl-ingest pl-enqueue pl-chunk pl-embed pl-store pl-worker pl-jobctl pl-search pl-webhook
    complete -c $tool -f -a '(__pl_complete)'
end
