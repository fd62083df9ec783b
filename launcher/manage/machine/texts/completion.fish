# applaunch completion for fish; written by: applaunch completion fish --install

function __applaunch_complete
    set --local found (_APPLAUNCH_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args \
        _TYPER_COMPLETE_ARGS=(commandline --current-process --cut-at-cursor | string collect) command applaunch 2>/dev/null | string match --regex '.+')
    if set --query found[1]
        printf '%s\n' $found
    else
        __fish_complete_path (commandline --current-token --cut-at-cursor)
    end
end

complete --command applaunch --no-files --arguments '(__applaunch_complete)'
