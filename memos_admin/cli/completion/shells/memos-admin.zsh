#compdef memos-admin
# Completion of memos-admin for zsh.
#
# Put it into a folder of $fpath, under the name _memos-admin:
#   mkdir -p ~/.zfunc && memos-admin completion zsh > ~/.zfunc/_memos-admin
# and in ~/.zshrc, before compinit:  fpath=(~/.zfunc $fpath)
# For this shell alone:  source <(memos-admin completion zsh)

_memos_admin() {
    local program=${(Q)words[1]} line word about
    local -a before found shown
    [[ $program == '~/'* ]] && program=$HOME/${program#'~/'}
    before=("${(@Q)words[1,CURRENT-1]}")
    found=("${(@f)$("$program" __complete zsh "${(@)before}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
    line=$found[1]
    shift found
    if [[ $line == files ]]; then
        [[ $PREFIX == --*=* ]] && compset -P '*='
        _files
        return
    fi
    (( $#found )) || return 1
    if [[ $found[1] == *$'\t'* ]]; then
        local -i widest=0
        for line in "${(@)found}"; do
            word=${line%%$'\t'*}
            (( ${(m)#word} > widest )) && widest=${(m)#word}
        done
        for line in "${(@)found}"; do
            word=${line%%$'\t'*}
            about=${${line#"$word"}#$'\t'}
            shown+=("$word${(l:widest-${(m)#word}+2:)}${about:+"-- $about"}")
        done
        compadd -l -d shown -- "${(@)found%%$'\t'*}"
    elif (( $#found == 1 )) && [[ $found[1] == *: ]]; then
        compadd -S '' -- "${(@)found}"  # behind the colon of a filter's field goes its value
    else
        compadd -- "${(@)found}"
    fi
}

# A function found in $fpath is this whole file, at every call.
if [[ $zsh_eval_context[-1] == *func ]]; then
    _memos_admin "$@"
else
    compdef _memos_admin memos-admin
fi
