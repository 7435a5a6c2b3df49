# Completion of memos-admin for bash.
#
# For every new shell:   memos-admin completion bash >> ~/.bashrc
# With bash-completion, loaded when first needed:
#   memos-admin completion bash > ~/.local/share/bash-completion/completions/memos-admin
# For this shell alone:  source <(memos-admin completion bash)

_memos_admin() {
    local program=$1 line
    case $program in '~/'*) program=$HOME/${program#'~/'} ;; esac
    COMPREPLY=()
    {
        IFS= read -r line || return 0
        if [[ $line == files ]]; then
            compopt -o default 2>/dev/null
            return 0
        fi
        while IFS= read -r line; do
            COMPREPLY+=("$line")
        done
        # Behind the colon of a filter's field goes its value.
        [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]] && compopt -o nospace 2>/dev/null
    } < <("$program" __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" \
        2>/dev/null </dev/null)
}

complete -F _memos_admin memos-admin
