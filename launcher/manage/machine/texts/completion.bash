# applaunch completion for bash; written by: applaunch completion bash --install

_applaunch_completion() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        [[ -n ${word} ]] && COMPREPLY+=("${word}")
    done < <(
        IFS=$'\n'
        env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="${COMP_CWORD}" _APPLAUNCH_COMPLETE=complete_bash "$1" 2>/dev/null
    )
}

complete -o default -F _applaunch_completion applaunch
