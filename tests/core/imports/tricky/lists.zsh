setopt nonomatch
B="x y"
O="-e P=1"
typeset -a L=(a b)
#= equivalent
z1() { docker run --rm -e C=$B alpine:3 $B "$@" }
#= left
z3() { docker run --rm ${=O} alpine:3 "$@" }
#= equivalent
z4() { docker run --rm alpine:3 $L "$@" }
#= left
z5() { docker run --rm alpine:3 "$L" "$@" }
#= left
z6() { docker run --rm alpine:3 $L[1] "$@" }
#= equivalent
z7() { docker run --rm alpine:3 $@ }
#= noted
z8() { docker run --rm -v ${PWD:A}:/w alpine:3 "$@" }
#= noted
z9() { docker run --rm -v $PWD:t:/w alpine:3 "$@" }
#= equivalent
z10() { docker run --rm -e A==ls alpine:3 "$@" }
