A=one
V="$HOME/data dir"
B="x y"
LIST="-e P=1 -e Q=2"
EMPTY=
STAR='*'
TIL=~/.cfg
run_it() { docker run --rm "$@"; }
last() { docker run --rm "${!#}"; }
twice() { docker run --rm "$1" "$1"; }
quoted() { docker run --rm "$*"; }
opt() { local o=""; [ -n "$X" ] && o="-e X=1"; docker run --rm $o alpine:3 "$@"; }
withdefault() { docker run --rm ${2:-alpine:3} "$1"; }
#= left
alias w1='docker run --rm -v $V:/d alpine:3'
#= equivalent
alias w2='docker run --rm -v "$V":/d alpine:3'
#= equivalent
alias w3='docker run --rm -e "B=$B" -e C=$B alpine:3'
#= equivalent
alias w4='docker run --rm $LIST alpine:3'
#= equivalent
alias w6='docker run --rm $EMPTY alpine:3 ls'
#= left
alias w7='docker run --rm -e X=$STAR alpine:3 echo $STAR'
#= equivalent
alias w8='docker run --rm -v $TIL:/c alpine:3'
#= equivalent
alias w10='docker run --rm -e P=~/p -e "Q=~/q" --env=R=~/r alpine:3 echo ~/z A=~'
#= equivalent
alias w11="docker run --rm -e NOW=$A -e LATER=\$A alpine:3"
A=two
#= equivalent
alias w12='docker run --rm -e A=$A alpine:3'
#= left
alias w13='docker run --rm alpine:3 sh -c "echo $HOME \$HOME $0"'
#= equivalent
alias w14='docker run --rm alpine:3 sh -c '"'"'echo $HOME'"'"''
#= equivalent
alias w15="docker run --rm alpine:3 sh -c 'echo $HOME'"
#= equivalent
alias w16='docker run --rm alpine:3 awk "{print \$1}"'
#= equivalent
alias w17='docker run --rm alpine:3 echo a\ b "c\d" $'"'"'e\tf'"'"' g"h"i'
#= equivalent
alias w18='docker run --rm -w/x -u1000 -eA=1 -v/tmp:/t -p80:80 -m1g -hbox alpine:3'
#= equivalent
alias w19='docker run --rm -itu root -w=/x -e=A=1 alpine:3'
#= equivalent
alias w20='docker run --rm alpine:3 -v /a:/b -e X'
#= equivalent
alias w21='docker run --rm --entrypoint "" alpine:3 ls'
#= equivalent
alias w22='docker run --rm --entrypoint "sh -c" alpine:3 ls'
#= equivalent
w23() { run_it -e A="a b" alpine:3 "$@"; }
#= equivalent
w24() { run_it -e A=$B alpine:3 "$@"; }
#= left bare
w25() { last a b alpine:3; }
#= equivalent bare
w26() { twice alpine:3; }
#= equivalent bare
w27() { quoted alpine:3; }
#= left bare
w28() { quoted alpine:3 ls; }
#= left
w29() { opt "$@"; }
#= equivalent bare
w30() { withdefault ls; }
#= equivalent
w31() { local A=three; docker run --rm -e A=$A alpine:3 "$@"; }
#= equivalent
w32() { A=$A-x; docker run --rm -e A=$A alpine:3 "$@"; }
#= left
w33() { docker run --rm -e A="${A}s" -e N=${#A} alpine:3 "$@"; }
#= left
w34() { docker run --rm alpine:3 "$@" -x; }
#= left
w36() { docker run --rm alpine:3 "$*"; }
#= left
w37() { docker run --rm alpine:3 x"$@"; }
#= noted
w38() { docker run --rm -v "${PWD##*/}":/v alpine:3 "$@"; }
#= noted
w39() { docker run --rm -v "${PWD%/*}":/v alpine:3 "$@"; }
#= noted
w40() { docker run --rm --name w40 -e "U=$(whoami)" -e H=$HOSTNAME alpine:3 "$@"; }
#= left
w41() { (cd /tmp && docker run --rm -v "$PWD":/w alpine:3 "$@"); }
#= equivalent
w42() { PWD=/tmp; docker run --rm -v "$PWD":/w alpine:3 "$@"; }
#= equivalent
w43() { HOME=/tmp docker run --rm -v "$HOME":/w alpine:3 "$@"; }
#= equivalent
w44() { export HOME=/tmp; docker run --rm -v "$HOME":/w alpine:3 "$@"; }
#= left
w46() { set -- -a "$@"; docker run --rm alpine:3 "$@"; }
#= noted
w47() { unset TOKEN; docker run --rm -e TOKEN alpine:3 "$@"; }
#= equivalent
w48() { TOKEN=abc docker run --rm -e TOKEN alpine:3 "$@"; }
#= noted
w49() { TOKEN=abc; docker run --rm -e TOKEN alpine:3 "$@"; }
#= equivalent
w50() { docker run --rm -e TOKEN=$TOKEN -e DISPLAY alpine:3 "$@"; TOKEN=later; }
#= left
w51() { docker run --rm alpine:3 "$@" | tee log; }
#= equivalent
w52() { docker run --rm alpine:3 "$@" > out.txt; }
#= equivalent
w53() { docker run --rm alpine:3 "$@" 2>/dev/null; }
#= left
w54() { echo hi | docker run --rm -i alpine:3 "$@"; }
#= left
w55() { docker run --rm -i alpine:3 "$@" <<< "text"; }
#= equivalent
w57() { ! docker run --rm alpine:3 "$@"; }
#= equivalent
w58() { time docker run --rm alpine:3 "$@"; }
#= equivalent
w59() { docker run --rm alpine:3 "$@" && echo ok; }
#= left
w60() { out=$(docker run --rm alpine:3 "$@"); echo "$out"; }
#= equivalent
w61() { if [ "$1" = help ]; then echo help; return; fi; docker run --rm alpine:3 "$@"; }
#= left
w62() { for i in 1 2; do docker run --rm alpine:3 "$@"; done; }
#= noted
w63() { docker run --rm -v "$(dirname "$PWD")":/up alpine:3 "$@"; }
#= noted
w64() { docker run --rm -v $(realpath .):/w -w /w alpine:3 "$@"; }
#= equivalent
w65() { docker run --rm -v ./sub:/w -v ../up:/u alpine:3 "$@"; }
#= equivalent
w66() { docker run --rm -v "$PWD/":/w -w /w/ alpine:3 "$@"; }
#= equivalent
w67() { docker run --rm -v "$PWD":/w:rw,z -w /w/sub alpine:3 "$@"; }
#= equivalent
w68() { docker run --rm --mount "type=bind,src=$PWD,dst=/w,readonly" -w /w alpine:3 "$@"; }
#= equivalent
w69() { docker run --rm -u $(id -u):0 alpine:3 "$@"; }
#= equivalent
w70() { docker run --rm -u "$USER" alpine:3 "$@"; }
#= noted
w71() { docker run --rm -u :$(id -g) alpine:3 "$@"; }
#= noted
w72() { docker run --rm --net host --network none alpine:3 "$@"; }
#= equivalent
w73() { docker run --rm -w /a -w /b -e K=1 -e K=2 alpine:3 "$@"; }
#= equivalent
w74() { docker run --rm -e "MULTI=a
b" alpine:3 "$@"; }
#= equivalent
w75() { docker run --rm -e 'D=$HOME' -e D2="\$HOME" -e 'Q="q"' alpine:3 "$@"; }
#= equivalent
w76() { docker run --rm alpine:3 '${A}' "\$A" '$$' "$@"; }
#= left
w77() { case $1 in x) shift;; esac; docker run --rm alpine:3 "$@"; }
#= equivalent
w78() { [[ $# -eq 0 ]] && set -- --help; docker run --rm alpine:3 "$@"; }
#= left
w79() { local args="$@"; docker run --rm alpine:3 $args; }
#= left
w80() { local args=("$@"); docker run --rm alpine:3 "${args[@]}"; }
#= left
w81() { docker run --rm alpine:3 "${@:2}"; }
#= left
w82() { IFS=,; docker run --rm -e "A=$*" alpine:3; }
#= equivalent
w83() { A=alpine; docker run --rm $A:3 "$@"; }
#= left
w84() { for A in x y; do :; done; docker run --rm -e A=$A alpine:3 "$@"; }
#= left
w85() { read A < /dev/null; docker run --rm -e A=$A alpine:3 "$@"; }
#= left
w86() { printf -v A %s q; docker run --rm -e A=$A alpine:3 "$@"; }
#= left
w87() { eval "A=q"; docker run --rm -e A=$A alpine:3 "$@"; }
#= left
w88() { ((A++)); docker run --rm -e A=$A alpine:3 "$@"; }
#= left
w89() { set_a; docker run --rm -e A=$A alpine:3 "$@"; }
set_a() { A=q; }
#= equivalent
w90() { docker run --rm -e A=$A alpine:3 "$@"; }
#= equivalent
w92() { docker run --rm --init=false --tty=false --rm=false alpine:3 "$@"; }
#= noted
w94() { docker run --rm -e A -e A=1 alpine:3 "$@"; }
#= equivalent
w95() { docker run --rm localhost:5000/x/y@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "$@"; }
#= equivalent
w96() { docker run --rm "alpine" sh -c 'ls "$@"' -- "$@"; }
#= left
w97() { docker run --rm alpine:3 sh -c "ls $1"; }
#= noted
w98() { local d; d="$(cd "$(dirname "$1")" && pwd)"; docker run --rm -v "$d":/d alpine:3 "$@"; }
#= noted
w99() { docker run --rm --tmpfs /t --tmpfs /u:size=1m --shm-size 1g --cap-add=net_admin --device /dev/fuse alpine:3 "$@"; }
