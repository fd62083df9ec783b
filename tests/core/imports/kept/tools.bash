# Dotfiles, part "docker": one wrapper per tool that is not worth installing.
readonly REGISTRY="ghcr.io/tools-inc"
PY_VERSION=${PY_VERSION:-3.12}
: "${NODE_TAG:=20-alpine}"
TF_IMAGE=hashicorp/terraform
TF_IMAGE+=":1.9"
CONF_DIR="${XDG_CONFIG_HOME:-$HOME/.config}"
RUN=(docker run --rm -i)
USERFLAGS="-u $(id -u):$(id -g)"
alias d=docker
alias drun='d run --rm'

_tool() {
  local image="$1"
  shift
  docker run --rm -i "$image" "$@"
}

_mounted() {
  local img=$1; shift
  docker run --rm -v "$PWD:/work" -w /work -u "$(id -u):$(id -g)" "$img" "$@"
}

relies_on() {
  local container
  for container in "$@"; do
    docker start "$container" >/dev/null 2>&1 || true
  done
}

#= equivalent
hugo1() {
  if [[ -n "$(command -v hugo1)" ]]; then
    command hugo1 "$@"
    return $?
  fi
  docker run --rm -it \
    -v "$PWD":/src \
    -w /src \
    -p 1313:1313 \
    klakegg/hugo:0.111.3 "$@"
}

#= equivalent
shfmt() {
  local bin
  bin="$(type -P shfmt)"
  if [ -n "$bin" ]; then
    "$bin" "$@"
  else
    docker run --rm -v "$(pwd)":/mnt -w /mnt mvdan/shfmt:v3.8.0 "$@"
  fi
}

#= dive9: equivalent
command -v dive9 >/dev/null 2>&1 || alias dive9='docker run --rm -it -v /var/run/docker.sock:/var/run/docker.sock wagoodman/dive:v0.12'

#= glow9: equivalent
if ! which glow9 >/dev/null 2>&1; then alias glow9='docker run --rm -i charmcli/glow:1.5 -'; fi

#= equivalent
lynx() {
  [ -d "$HOME/.lynx" ] || mkdir -p "$HOME/.lynx"
  docker run --rm -it -v "$HOME/.lynx":/home/lynx --name lynx jess/lynx "$@"
}

#= equivalent
plantuml() {
  docker image inspect plantuml/plantuml:1.2024 >/dev/null 2>&1 || docker pull plantuml/plantuml:1.2024
  docker run --rm -i -v "$PWD:/data" plantuml/plantuml:1.2024 "$@"
}

#= equivalent
netcat() {
  docker network create labs >/dev/null 2>&1 || true
  docker run --rm -it --network labs subfuzion/netcat "$@"
}

#= noted
spotify() {
  xhost +si:localuser:"$USER" > /dev/null
  relies_on pulseaudio

  docker run -d \
    -v /etc/localtime:/etc/localtime:ro \
    -v /tmp/.X11-unix:/tmp/.X11-unix \
    -e "DISPLAY=unix${DISPLAY}" \
    --name spotify \
    "${REGISTRY}/spotify"
}

#= equivalent
py() {
  local cache="$HOME/.cache/py-${PY_VERSION}"
  mkdir -p "$cache"
  docker run --rm -it -v "$cache":/root/.cache -v "$PWD":/app -w /app "python:${PY_VERSION}-slim" python "$@"
}

#= equivalent
node() { docker run --rm -it -v "$PWD":/app -w /app node:"$NODE_TAG" node "$@"; }

#= equivalent
tf() { docker run --rm -it -v "$PWD":/tf -w /tf $TF_IMAGE "$@"; }

#= equivalent
gh() { docker run --rm -it -v "$CONF_DIR/gh":/root/.config/gh -e GH_TOKEN "$REGISTRY/gh:2" "$@"; }

#= equivalent
rg() { "${RUN[@]}" -v "$PWD:/src:ro" -w /src $REGISTRY/rg:14 "$@"; }

#= equivalent
eslint() { docker run --rm $USERFLAGS -v $(pwd):/data cytopia/eslint:8 "$@"; }

#= equivalent
alias sqlite='drun -it -v "$PWD":/db -w /db keinos/sqlite3:3.46'

#= equivalent
bat() { _tool danlynn/bat:0.24 --paging=never "$@"; }

#= equivalent
markdownlint() { _mounted davidanson/markdownlint-cli2:v0.13.0 "$@"; }

#= equivalent
ctop() { docker run --rm -ti --name=ctop-$RANDOM --log-driver none -v /var/run/docker.sock:/var/run/docker.sock quay.io/vektorlab/ctop:0.7.7 "$@"; }

#= equivalent
sshx() { docker run --rm -it --name "ssh-$(date +%s)" -v ~/.ssh:/root/.ssh:ro -e TERM kroniak/ssh-client:3.19 ssh "$@"; }

#= equivalent
inkscape() {
  docker run --rm --mount type=bind,source="$(pwd)",target=/workspace --workdir /workspace $REGISTRY/inkscape:1.3 inkscape "$@"
}

#= equivalent
mkdocs() { docker run --rm -it -p 127.0.0.1:8000:8000 -v ${PWD}/docs:/docs -w /docs squidfunk/mkdocs-material:9 "$@"; }

#= equivalent
shx() { docker run --rm -it alpine:3 sh -c "$@"; }

#= left
joined() { docker run --rm -it -e "CMD=$*" alpine:3 sh -c 'echo $CMD'; }

#= noted
claude9() {
  podman run --rm -it --userns=keep-id:uid=1000,gid=1000 -v "$PWD":/w -w /w node:22 npx "$@"
}

#= equivalent
groff() {
  if [ "$1" = "--usage" ]; then
    cat <<'USAGE'
It's a wrapper: 'groff' from $(container).
  docker run is called with your files
USAGE
    return 0
  fi
  docker run --rm -i alpine/groff:1 "$@"
}

#= equivalent
phpunit() { docker run --rm -u "$(id -u ${USER}):$(id -g ${USER})" -v "$(pwd)":/app -w /app phpunit/phpunit:10 "$@"; }

#= equivalent
alias lsio='docker run --rm -e PUID=$(id -u) -e PGID=$(id -g) -e TZ=Europe/Paris -v "$HOME/My Music":/music lscr.io/linuxserver/beets:1.6'

#= equivalent
alias pwdnow="docker run --rm -v '$(pwd):/w' -w /w alpine:3 ls"

#= equivalent
alias k9s='docker run --rm -it -v ${KUBECONFIG:-~/.kube/config}:/root/.kube/config derailed/k9s:v0.32.5'

#= equivalent
maven() {
  docker run -it --rm -v "${M2_REPO:-$HOME/.m2}":/root/.m2 -v "$PWD":/usr/src/mymaven -w /usr/src/mymaven maven:3.9 mvn "$@"
}

#= equivalent
alias mine='docker run --rm -it $USER/toolbox:latest'

#= left
dcr() { docker compose run --rm --no-deps app "$@"; }
