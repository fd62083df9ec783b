set -gx TOOLS_TAG 4
#= equivalent
function psql9
    command docker run --rm -it --network host -e PGPASSWORD="$PGPASSWORD" postgres:16 psql $argv
end
#= left
function mkd --argument-names target
    docker run --rm -v "$PWD":/docs acme/mkd:$TOOLS_TAG build $target
end
#= equivalent
alias yt="docker run --rm -it -v (pwd):/downloads:rw jauderho/yt-dlp:2024.08.06"
#= equivalent
abbr --add dash9 docker run --rm -it --entrypoint sh alpine:3
