# ~/.zshrc
IMG=alpine:3
typeset DATA=$HOME/data
setopt extendedglob
alias -g L='| less'
#= equivalent
alias zjq="docker run --rm -i ghcr.io/jqlang/jq:1.7.1"
#= equivalent
alias zhugo="docker run --rm -it -v \$PWD:/src -w /src -p 1313:1313 klakegg/hugo:0.111.3"
#= equivalent
alias zgcc=$'docker run --rm -v $PWD:/src -w /src gcc:14 gcc'
#= equivalent
alias zal='docker run --rm $IMG'
#= equivalent
alias zdata="docker run --rm -v $DATA:/data $IMG"
#= equivalent
zown() { if (( $+commands[zown] )); then command zown "$@"; else docker run --rm alpine:3 "$@"; fi }
#= equivalent
zlatex() docker run --rm -v $PWD:/data -w /data -u $UID:$GID texlive/texlive:TL2023 latexmk "$@"
#= equivalent
function zk6 { docker run --rm -i grafana/k6:0.54.0 run - "$@" }
#= equivalent
function zprep() { mkdir -p $HOME/.zprep; docker run --rm -v $HOME/.zprep:/root $IMG "$@" }
#= equivalent
zlocal() { emulate -L zsh; local tag=3; docker run --rm alpine:$tag "$@" }
#= equivalent
zterm() { local -a t; [[ -t 0 ]] && t=(-t); docker run --rm -i $t alpine:3 "$@" }
#= equivalent
zlist() { local o=(--rm --network none); docker run $o alpine:3 "$@" }
#= equivalent
zhere() { docker run --rm -v ${PWD}:/w:ro -w /w alpine:3 ls "$@" }
#= equivalent
zargs() { docker run --rm alpine:3 $@ }
#= equivalent
zuser() { docker run --rm -u $(id -u $USER):$(id -g $USER) alpine:3 id "$@" }
#= equivalent
alias zpod='podman run --rm alpine:3'
#= equivalent
alias zenv='docker run --rm -e EDITOR=vi -e LEVEL alpine:3 env'
#= equivalent
zecho() { print -r -- hello >&2; docker run --rm alpine:3 "$@" }
#= left
zpipe() { docker run --rm alpine:3 ls "$@" | sort }
#= noted
alias zgpu='docker run --rm --gpus all alpine:3'
#= equivalent
alias zquoted="docker run --rm -v '$(pwd):/w' -w /w alpine:3"
#= equivalent
zmany() { readonly zimg=alpine; docker run --rm $zimg:3 "$@" }
#= equivalent
zfind() { if whence -p zfind >/dev/null; then command zfind "$@"; else docker run --rm alpine:3 "$@"; fi }
