#!/bin/sh
#= equivalent
tty=""
tty -s && tty=--tty
docker run \
  $tty \
  --interactive \
  --rm \
  --user $(id -u):$(id -g) \
  --volume $(pwd):/app \
  --workdir /app \
  composer:2 "$@"
