import pytest

from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import check_app_name, check_command_name, did_you_mean


@pytest.mark.parametrize("name", ["a", "7z", "g++", "youtube-dl", "python3.14", "x_y", "a" * 64])
def test_valid_names_of_apps_and_commands(name):
    assert (check_app_name(name), check_command_name(name)) == (name, name)


def test_only_command_names_may_have_upper_case_letters():
    assert check_command_name("Rscript") == "Rscript"
    with pytest.raises(InvalidValueError, match="'Rscript' cannot name an app"):
        check_app_name("Rscript")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "-x", ".x", "+x", "a/b", "a b", "a\n", "a\0", "é", "a" * 65, "~", "$x"]
)
def test_a_name_with_a_meaning_for_paths_or_shells_is_refused(name):
    for read in (check_app_name, check_command_name):
        with pytest.raises(InvalidValueError, match="cannot name"):
            read(name)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("youtube-dk", "did you mean 'youtube-dl'?"),
        ("yotube-dl", "did you mean 'youtube-dl'?"),
        ("ffmpg", "did you mean 'ffmpeg'?"),
        ("zzz", "look around"),
        ("", "look around"),
    ],
)
def test_the_closest_name_is_suggested(name, fix):
    assert did_you_mean(name, ["ffmpeg", "ffprobe", "youtube-dl"], "look around") == fix
