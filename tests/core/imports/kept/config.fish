# ~/.config/fish/config.fish
set -gx CACHE $HOME/.cache/tools
set -g IMG alpine:3
set PREFIX acme
#= equivalent
alias fjq 'docker run --rm -i ghcr.io/jqlang/jq:1.7.1'
#= equivalent
alias fyq="docker run --rm -i -v \"\$PWD\":/workdir -w /workdir mikefarah/yq:4"
#= equivalent
alias fcache='docker run --rm -v $CACHE:/c alpine:3'
#= equivalent
alias fearly="docker run --rm -v $CACHE:/c $IMG"
#= equivalent
function fffmpeg --description 'Convert video and audio'
    docker run --rm -i -u (id -u):(id -g) -v "$PWD":"$PWD" -w "$PWD" linuxserver/ffmpeg:7.1.1 $argv
end
#= equivalent
function fpandoc -d 'Convert documents'
    command docker run --rm -v (pwd):/data --user (id -u):(id -g) pandoc/core:3.5 $argv
end
#= equivalent
function fown
    if command -v fown >/dev/null
        command fown $argv
    else
        docker run --rm alpine:3 $argv
    end
end
#= equivalent
function fown2
    if command -q fown2
        command fown2 $argv
    else
        docker run --rm alpine:3 $argv
    end
end
#= equivalent
function fprep
    mkdir -p $HOME/.fprep
    docker run --rm -v $HOME/.fprep:/root alpine:3 $argv
end
#= equivalent
function fprep2
    mkdir -p $HOME/.fprep2; and docker run --rm -v $HOME/.fprep2:/root alpine:3 $argv
end
#= equivalent
function fecho
    echo starting >&2
    docker run --rm alpine:3 $argv
end
#= equivalent
function fset
    set -l image alpine:3
    docker run --rm $image $argv
end
#= equivalent
function flist
    set -l opts --rm --network none
    docker run $opts alpine:3 $argv
end
#= equivalent
function fcomment
    docker run --rm \
        # no network is needed
        --network none \
        alpine:3 $argv
end
#= equivalent
function fprefix
    docker run --rm $PREFIX/fprefix $argv
end
#= equivalent
function fenv
    docker run --rm -e LEVEL -e HOME=/tmp alpine:3 $argv
end
#= equivalent
function fterm
    if isatty stdin
        docker run --rm -it alpine:3 $argv
    else
        docker run --rm -i alpine:3 $argv
    end
end
#= equivalent
function frm
    docker rm -f frm 2>/dev/null
    docker run --rm --name frm alpine:3 $argv
end
#= equivalent
function fcalls; fhelper alpine:3 ls $argv; end
function fhelper; docker run --rm -v "$PWD":/w -w /w $argv; end
#= left
function ffirst; docker run --rm alpine:3 echo $argv[1]; end
#= left
function fjoined; docker run --rm alpine:3 sh -c "$argv"; end
#= left
function floop
    for f in $argv
        docker run --rm alpine:3 cat $f
    end
end
