#compdef applaunch
# applaunch completion for zsh; written by: applaunch completion zsh --install

_applaunch() {
    local line
    local -a answer found
    answer=("${(@f)$(_TYPER_COMPLETE_ARGS="${words[1,CURRENT]}" _TYPER_COMPLETE_FISH_ACTION=get-args \
        _APPLAUNCH_COMPLETE=complete_fish command "${words[1]}" 2>/dev/null)}")
    for line in "${answer[@]}"; do
        [[ -n ${line} ]] || continue
        if [[ ${line} == *$'\t'* ]]; then
            found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
        else
            found+=("${line//:/\\:}")
        fi
    done
    if ((${#found})); then
        _describe -V applaunch found
    else
        _files
    fi
}

if [[ ${funcstack[1]} == _applaunch ]]; then
    _applaunch "$@"
else
    compdef _applaunch applaunch
fi
