# Functions as people publish them: own program first, preparation beside the run, helpers of the same file.
DOCKER_REPO_PREFIX=acme
IMAGE_ROOT="ghcr.io/acme"
del_stopped() {
  local name=$1
  local state
  state=$(docker inspect --format "{{.State.Running}}" "$name" 2>/dev/null)
  if [[ "$state" == "false" ]]; then
    docker rm "$name"
  fi
}
clean_up() { docker rm -f "$1" >/dev/null 2>&1; }
say_start() { echo "starting $1"; }
dkr() { docker run --rm -it "$@"; }
here() { docker run --rm -v "$PWD":/w -w /w "$@"; }
image() { docker run --rm "$1" "$2"; }
first() { docker run --rm alpine:3 cat "$1"; }
#= equivalent
own1() { if command -v own1 >/dev/null 2>&1; then command own1 "$@"; else docker run --rm alpine:3 "$@"; fi; }
#= equivalent
own2() {
  if which own2 > /dev/null; then
    command own2 "$@"
  else
    docker run --rm -i -v "$PWD":/w -w /w alpine:3 own2 "$@"
  fi
}
#= equivalent
own3() {
  if type own3 &>/dev/null; then
    own3 "$@"
    return
  fi
  docker run --rm alpine:3 "$@"
}
#= equivalent
own4() {
  command -v own4 >/dev/null 2>&1 && { command own4 "$@"; return; }
  docker run --rm alpine:3 "$@"
}
#= equivalent
own5() { [ -x /opt/none/own5 ] && /opt/none/own5 "$@" || docker run --rm alpine:3 "$@"; }
#= equivalent
own6() { if [[ -x "/opt/none/own6" ]]; then /opt/none/own6 "$@"; else docker run --rm alpine:3 "$@"; fi; }
#= equivalent
own7() { if hash own7 2>/dev/null; then command own7 "$@"; else docker run --rm --network none alpine:3 "$@"; fi; }
#= equivalent
own8() {
  if ! command -v own8 >/dev/null; then
    docker run --rm alpine:3 "$@"
  else
    command own8 "$@"
  fi
}
#= equivalent
prep1() { mkdir -p ~/.prep1 && docker run --rm -v ~/.prep1:/root/.prep1 alpine:3 "$@"; }
#= equivalent
prep2() {
  mkdir -p "$HOME/.prep2"
  docker run -it --rm -v "$HOME/.prep2:/root" alpine:3 "$@"
}
#= equivalent
prep3() { echo "one moment"; docker run --rm alpine:3 "$@"; }
#= equivalent
prep4() { docker pull alpine:3 >/dev/null; docker run --rm alpine:3 "$@"; }
#= equivalent
prep5() { docker rm -f prep5 >/dev/null 2>&1; docker run --rm --name prep5 alpine:3 "$@"; }
#= equivalent
prep6() {
  xhost +local:docker >/dev/null 2>&1
  docker run --rm -v /tmp/.X11-unix:/tmp/.X11-unix -e DISPLAY=unix$DISPLAY alpine:3 "$@"
  xhost -local:docker >/dev/null 2>&1
}
#= equivalent
prep7() { touch ~/.prep7rc; docker run --rm -v ~/.prep7rc:/root/.prep7rc alpine:3 "$@"; }
#= equivalent
prep8() { del_stopped prep8; docker run --rm --name prep8 alpine:3 "$@"; }
#= equivalent
prep9() {
  del_stopped prep9

  docker run -it --rm \
    -v /etc/localtime:/etc/localtime:ro \
    -v "$HOME/.prep9:/root/.prep9" \
    --name prep9 \
    ${DOCKER_REPO_PREFIX}/prep9 "$@"
}
#= equivalent
prep10() { clean_up prep10; say_start prep10; docker run --rm alpine:3 "$@"; }
#= equivalent
prep11() { docker volume create prep11 >/dev/null; docker run --rm -v prep11:/d alpine:3 "$@"; }
#= equivalent
prep12() { docker network create prep12 2>/dev/null; docker run --rm --network prep12 alpine:3 "$@"; }
#= equivalent
prep13() { docker run --rm alpine:3 "$@"; echo "it gave $?"; }
#= equivalent
prep14() { docker run --rm alpine:3 "$@"; return $?; }
#= equivalent
usage1() { if [ "$1" = "--usage" ]; then echo "usage: usage1 FILE"; return 1; fi; docker run --rm alpine:3 cat "$@"; }
#= equivalent
usage2() { [ $# -gt 0 ] || { echo "usage: usage2 FILE" >&2; return 1; }; docker run --rm alpine:3 cat "$@"; }
#= equivalent
local1() { local image=alpine:3; docker run --rm $image "$@"; }
#= equivalent
local2() { local name=alpine tag=3; docker run --rm "${name}:${tag}" "$@"; }
#= equivalent
local3() {
  local image="$IMAGE_ROOT/local3:2"
  local cache="${HOME}/.cache/local3"
  docker run --rm -it -v "$cache:/cache" "$image" "$@"
}
#= equivalent
local4() { local opts="--rm --network none"; docker run $opts alpine:3 "$@"; }
#= equivalent
local5() { local -a opts=(--rm --network none); docker run "${opts[@]}" alpine:3 "$@"; }
#= equivalent
local6() {
  local opts=(--rm)
  opts+=(-e "GREETING=good day")
  docker run "${opts[@]}" alpine:3 "$@"
}
#= equivalent
local7() { local u="$(id -u):$(id -g)"; docker run --rm -u "$u" -v "$PWD":/w -w /w alpine:3 "$@"; }
#= equivalent
local8() { export LEVEL8=7; docker run --rm -e LEVEL8 alpine:3 "$@"; }
#= equivalent
local9() { local here=$PWD; docker run --rm -v "$here":/w -w /w alpine:3 "$@"; }
#= equivalent
called1() { dkr alpine:3 "$@"; }
#= equivalent
called2() { here alpine:3 ls "$@"; }
#= equivalent
called3() { dkr -v ~/.called3:/root alpine:3 "$@"; }
#= equivalent
called4() { here -u "$(id -u):$(id -g)" python:3.12 python "$@"; }
#= equivalent bare
called5() { image alpine:3 ls; }
#= equivalent
engine1() { ${ENGINE_PROGRAM:-docker} run --rm alpine:3 "$@"; }
#= equivalent
engine2() { $(command -v docker) run --rm alpine:3 "$@"; }
#= equivalent
engine3() { command docker run --rm alpine:3 "$@"; }
#= equivalent
term1() { local t=; [ -t 0 ] && t=-t; docker run --rm -i $t alpine:3 "$@"; }
#= equivalent
term2() {
  local flags
  if [ -t 1 ]; then
    flags="-it"
  else
    flags="-i"
  fi
  docker run --rm $flags alpine:3 "$@"
}
#= equivalent
term3() { if [ -t 0 ]; then docker run -it --rm alpine:3 "$@"; else docker run -i --rm alpine:3 "$@"; fi; }
#= equivalent
term4() { docker run --rm -i$([ -t 0 ] && echo t) alpine:3 "$@"; }
#= equivalent
function kw1 { docker run --rm alpine:3 "$@"; }
#= equivalent
function kw2() {
  docker run --rm \
    --volume "$(pwd):/data" \
    --workdir /data \
    pandoc/core:3.5 "$@"
}
#= equivalent
sub1() ( docker run --rm alpine:3 "$@" )
#= equivalent
quiet1() { docker run --rm alpine:3 "$@" 2>/dev/null; }
#= equivalent
doc1() {
  cat <<HELP >/dev/null
it's only a note
HELP
  echo done >/dev/null
  docker run --rm alpine:3 "$@"
}
#= equivalent
gui1() {
  docker run --rm \
    -v /tmp/.X11-unix:/tmp/.X11-unix \
    -e "DISPLAY=unix${DISPLAY}" \
    --name gui1-$(date +%s) \
    --network host \
    alpine:3 "$@"
}
#= equivalent
chosen1() { local image="${CHOSEN1_IMAGE:-alpine:3}"; docker run --rm "$image" "$@"; }
#= equivalent
chosen2() { docker run --rm -v "${CHOSEN2_HOME:-$HOME/.chosen2}:/root" "alpine:${CHOSEN2_TAG:-3}" "$@"; }
#= equivalent
note1() {
  local text
  text=$(cat <<TEXT
it's a note
TEXT
)
  echo "$text" >&2
  docker run --rm alpine:3 "$@"
}
#= equivalent
shell1() { docker run --rm alpine:3 sh -c "$@"; }
#= equivalent
shell2() { docker run --rm -it --entrypoint /bin/sh "$IMAGE_ROOT/shell2:1" "$@"; }
#= equivalent
group1() { docker run --rm --group-add "$(id -g)" alpine:3 "$@"; }
#= equivalent
case1() {
  case "$1" in
    -h) echo "usage: case1 WORD"; return ;;
  esac
  docker run --rm alpine:3 "$@"
}
#= equivalent
both1() { if command -v podman >/dev/null; then podman run --rm alpine:3 "$@"; else docker run --rm alpine:3 "$@"; fi; }
#= noted
device1() { docker run --rm --device /dev/snd alpine:3 "$@"; }
#= noted
detached1() { docker run -d --rm alpine:3 "$@"; }
#= left
joined1() { docker run --rm alpine:3 sh -c "$*"; }
#= left
first1() { docker run --rm alpine:3 cat "/w/$1"; }
#= left
first2() { first "$@"; }
#= left
moved1() { cd /tmp && docker run --rm -v "$PWD":/w alpine:3 "$@"; }
#= left
looped1() { for f in "$@"; do docker run --rm alpine:3 cat "$f"; done; }
#= left
built1() { docker build -q -t built1 /tmp >/dev/null && docker run --rm built1 "$@"; }
