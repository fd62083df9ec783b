# config.fish: tools in containers
set -g IMAGES ghcr.io/tools-inc
set -gx GO_TAG 1.23
set -l flags --rm -it

#= equivalent
function go9 --wraps go --description 'go in a container'
    docker run --rm -v $PWD:/src -w /src -v $HOME/go:/go golang:$GO_TAG go $argv
end

#= equivalent
function terragrunt
    if type -q terragrunt9
        command terragrunt9 $argv
    else
        docker run --rm -it -v (pwd):/apps -w /apps -e AWS_PROFILE alpine/terragrunt:1.9 $argv
    end
end

#= equivalent
function hl -d "highlight"
    # quiet
    test -d ~/.hl; or mkdir -p ~/.hl
    docker run --rm -i \
        # the configuration
        -v ~/.hl:/root/.config/hl \
        $IMAGES/hl:1 $argv
end

#= equivalent
alias vale 'docker run --rm -v (pwd):/docs -w /docs jdkato/vale:v3.7'

#= equivalent
abbr -a dpy 'docker run --rm -it python:3.12'

#= equivalent
function rubocop; docker run --rm -u (id -u):(id -g) -v "$PWD:/w" -w /w pipelinecomponents/rubocop:latest rubocop $argv; end

#= equivalent
function imgopt
    set -l img $IMAGES/imgopt:2
    docker run --rm -v $PWD:/img $img $argv
end

#= left
function serve
    set port $argv[1]
    docker run --rm -p $port:80 -v $PWD:/usr/share/nginx/html:ro nginx:1.27
end
