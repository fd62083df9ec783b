# >>> applaunch ensurepath: written by applaunch, between these two lines >>>
contains -- @FOLDER@ $PATH
or set --global --export PATH @FOLDER@ $PATH
# <<< applaunch ensurepath <<<
