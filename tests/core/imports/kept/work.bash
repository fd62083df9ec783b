# Work machine: tools that live in images.
ENGINE=$(command -v podman || command -v docker)
if [ -n "$WSL_DISTRO_NAME" ]; then TTYPREFIX=winpty; else TTYPREFIX=; fi
IMG_NS=acme
IMG_NS=widgets
WORKMOUNT=(-v "$PWD":/w -w /w)
DOCKER_OPTS="--rm -it \
  --network none"
docker_run() {
  local name="$1" image="$2"
  shift 2
  docker run --rm -it --name "$name" "$image" "$@"
}
in_image() { docker run --rm -i -v "$PWD:/w" -w /w "$@"; }

#= equivalent
alias terraform-docs='docker run --rm -u $(id -u) -v$(pwd):/td -w/td quay.io/terraform-docs/terraform-docs:0.18.0'
#= equivalent
alias rails='docker run -itv $PWD:/app -w /app --rm ruby:3.3 rails'
#= equivalent
alias csvkit='docker run --rm -i -v "$(pwd)/data:/data:ro" -w /data --entrypoint csvcut acme/csvkit:1'
#= equivalent
alias srv='docker run --rm -p8080:80 -eDEBUG=1 -eTOKEN nginx:1.27 nginx -g "daemon off;"'
#= equivalent
alias ll5='docker run --rm alpine:3 -- ls -l'
#= equivalent
alias env9='docker run --rm -e HOME -e EMPTY= -e "GREETING=it is $USER" -e UNSET alpine:3 env'
#= equivalent
alias sub9='docker run --rm -v "$PWD":/repo -w /repo/sub alpine:3 make'
#= noted
alias deep9='docker run --rm -v $PWD:$PWD -w $(pwd)/web node:22 npm'
#= equivalent
alias nsimg='docker run --rm -it $IMG_NS/tool:1'
#= equivalent
alias nsnow="docker run --rm -it $IMG_NS/tool:1"
#= left
alias glob9='docker run --rm -v $PWD:/w -w /w alpine:3 ls *.c'
#= noted
alias ctxt='docker --context prod run --rm alpine:3'
#= equivalent
alias gitd='docker run -ti --rm -v ${HOME}:/root -v $(pwd):/git alpine/git:v2.45.2'
#= equivalent
alias ash9='docker run --rm -it --entrypoint=/bin/ash --user=root alpine:3 -c "echo \"a  b\" '"'"'c'"'"'"'
#= noted
alias backup9='sudo docker run --rm --volumes-from db -v ~/backups:/backup alpine:3 tar'
#= equivalent
alias gpg9='docker run --rm -it --tmpfs /run:rw,size=64m -v ~/.gnupg:/root/.gnupg:Z --read-only --cap-drop ALL --security-opt no-new-privileges vladgh/gpg:1.3'
#= equivalent
jless() { $ENGINE run --rm -i acme/jless:1 "$@"; }
#= equivalent
mysql9() { $TTYPREFIX docker run --rm -it --net host mysql:8 mysql -h127.0.0.1 -u root "$@"; }
#= equivalent
pwn() { docker_run pwn pwn/tools:1 python3 "$@"; }
#= equivalent
deno() { in_image -e DENO_DIR=/w/.deno denoland/deno:2 deno "$@"; }
#= equivalent
opts9() { docker run $DOCKER_OPTS "${WORKMOUNT[@]}" alpine:3 "$@"; }
#= left
evald() { eval "docker run --rm alpine:3 $@"; }
#= left
hdoc() {
  docker run --rm -i alpine:3 sh <<-SCRIPT
	echo "it's here"
	SCRIPT
}
#= left
versions() { docker run --rm python:"${1:-3.12}" python --version; }
#= equivalent
lint9() {
  local config="${LINT_CONFIG:-$HOME/.lintrc}"
  if [ ! -f "$config" ]; then
    touch "$config"
  fi
  command docker run --rm -v "$config":/etc/lintrc:ro -v "$(pwd)":/code:ro acme/lint:3 --config /etc/lintrc "$@"
}
#= left
firefox9() {
  xhost +local: >/dev/null
  docker run --rm --net=host -e DISPLAY="$DISPLAY" -v "$HOME/.mozilla":/root/.mozilla -v /tmp/.X11-unix:/tmp/.X11-unix:ro --shm-size=2g --device /dev/dri jess/firefox:latest "$@" &
}
#= equivalent
http9() { docker run --rm -i --init --dns 1.1.1.1 --add-host api.test:10.1.2.3 --memory 256m --cpus=.5 alpine/httpie:3 --ignore-stdin "${@}"; }
