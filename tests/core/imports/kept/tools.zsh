typeset -r ZREG=registry.example/z
#= tldr: equivalent
(( $+commands[tldr] )) || alias tldr='docker run --rm -it nutellinoit/tldr:1'
#= equivalent
zcsv() {
  local -a opts=(--rm -i)
  docker run $opts -v "$PWD:/d" -w /d $ZREG/xsv:0.13 "$@"
}
#= zjq: equivalent
alias -g nothing='x'; alias zjq='docker run --rm -i --network=none stedolan/jq'
#= equivalent
function zhttp { docker run -it --rm --net=host clue/httpie:3 "$@" }
