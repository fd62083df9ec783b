set -g A one
set -g L a b
set -g D "c d"
#= left
function f1; docker run --rm -e A=$A -e L=$L alpine:3 $argv; end
#= left
function f2; docker run --rm -e "L=$L" alpine:3 $argv; end
#= equivalent
function f3; docker run --rm -e D=$D alpine:3 $D $argv; end
#= equivalent
function f4; docker run --rm alpine:3 $L $argv; end
#= left
function f5; docker run --rm alpine:3 "$argv"; end
#= left
function f6; docker run --rm alpine:3 $argv[2..-1]; end
#= equivalent
function f7; set A two; docker run --rm -e A=$A alpine:3 $argv; end
#= noted
function f8; set -l A (date); docker run --rm -e A=$A alpine:3 $argv; end
#= equivalent
function f9; docker run --rm -e A=\$A -e 'B=$A' -e "C=\$A" alpine:3 a\ b $argv; end
#= noted
function f10; docker run --rm -v $PWD/{a,b}:/x alpine:3 $argv; end
#= left
function f11; docker run --rm -e N=$NOTSET alpine:3 x$NOTSET $argv; end
#= left
function f12; docker run --rm -e "N=$NOTSET" alpine:3 "x$NOTSET" $argv; end
#= left
function f13; if set -q TOKEN; docker run --rm -e TOKEN alpine:3 $argv; else; docker run --rm alpine:3 $argv; end; end
#= left
function f14; cd /tmp; docker run --rm -v (pwd):/w alpine:3 $argv; end
#= equivalent
function f16; docker run --rm -e A=~/x -v ~/y:/y alpine:3 $argv; end
#= left
function f17; set argv -a $argv; docker run --rm alpine:3 $argv; end
#= left
function f18; docker run --rm alpine:3 $argv | cat; end
