# >>> applaunch ensurepath: written by applaunch, between these two lines >>>
case ":${PATH}:" in
    *:@FOLDER@:*) ;;
    *) export PATH=@FOLDER@":${PATH}" ;;
esac
# <<< applaunch ensurepath <<<
