# Completion of memos-admin for fish.
#
# For every new shell:
#   memos-admin completion fish > ~/.config/fish/completions/memos-admin.fish
# For this shell alone:  memos-admin completion fish | source

function __memos_admin_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l found ($program __complete fish $words "$current" 2>/dev/null </dev/null)
    if test "$found[1]" = files
        set -l stem (string match -r -- '^--[a-z-]+=' "$current")
        for path in (__fish_complete_path (string replace -- "$stem" '' "$current"))
            printf '%s\n' "$stem$path"
        end
    else if set -q found[2]
        printf '%s\n' $found[2..-1]
    end
end

complete -c memos-admin -f -a '(__memos_admin_complete)'
