#!/usr/bin/env fish
#= equivalent
docker run --rm alpine:3 $argv
