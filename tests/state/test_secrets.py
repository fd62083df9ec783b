import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.values.redaction import mask_secrets

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        # URLs
        (["https://ana:s3cret@example.org/x"], ["https://ana:***@example.org/x"]),
        (["git+https://ana:p@ss@example.org/x@v1"], ["git+https://ana:***@example.org/x@v1"]),
        (["postgresql://ana:s3cret@db:5432/shop"], ["postgresql://ana:***@db:5432/shop"]),
        (["redis://:s3cret@db:6379/0"], ["redis://:***@db:6379/0"]),
        (["https://0a1b2c3d@github.com/x/y"], ["https://***@github.com/x/y"]),
        (["https://0a1b2c3d:x-oauth-basic@github.com/x/y"], ["https://***:x-oauth-basic@github.com/x/y"]),
        (["https://0a1b2c3d:@api.example.org"], ["https://***:@api.example.org"]),
        (["--proxy=http://ana:s3cret@proxy:3128"], ["--proxy=http://ana:***@proxy:3128"]),
        # query parameters
        (["https://x/?token=abc&b=2"], ["https://x/?token=***&b=2"]),
        (["https://x/?a=1&api_key=abc#top"], ["https://x/?a=1&api_key=***#top"]),
        (
            ["https://b.s3.amazonaws.com/k?X-Amz-Credential=a%2Fb&X-Amz-Date=1&X-Amz-Signature=ff"],
            ["https://b.s3.amazonaws.com/k?X-Amz-Credential=***&X-Amz-Date=1&X-Amz-Signature=***"],
        ),
        (["https://x.blob.core.windows.net/c?sv=2&sig=abc%3D"], ["https://x.blob.core.windows.net/c?sv=2&sig=***"]),
        (["jdbc:postgresql://h/d?user=ana&password=abc"], ["jdbc:postgresql://h/d?user=ana&password=***"]),
        # flags
        (["login", "--password", "s3cret", "--verbose"], ["login", "--password", "***", "--verbose"]),
        (["--password=s3cret"], ["--password=***"]),
        (["--password=my long phrase"], ["--password=***"]),
        (["--os-password", "-dash"], ["--os-password", "***"]),
        (["--token", "abc", "x"], ["--token", "***", "x"]),
        (["--token=abc"], ["--token=***"]),
        (["--aws-secret-access-key", "abc"], ["--aws-secret-access-key", "***"]),
        (["--api-key", "abc"], ["--api-key", "***"]),
        (["-password", "abc"], ["-password", "***"]),
        (["-Djavax.net.ssl.trustStorePassword=abc"], ["-Djavax.net.ssl.trustStorePassword=***"]),
        (["openssl", "-passin", "pass:abc"], ["openssl", "-passin", "pass:***"]),
        # assignments
        (["GITHUB_TOKEN=abc"], ["GITHUB_TOKEN=***"]),
        (["PASSWORD=two words"], ["PASSWORD=***"]),
        (["CLIENT_SECRET=abc"], ["CLIENT_SECRET=***"]),
        (["SIGNING_KEY=abc"], ["SIGNING_KEY=***"]),
        (["-e", "DB_PASSWORD=abc"], ["-e", "DB_PASSWORD=***"]),
        (["-eDB_PASSWORD=abc"], ["-eDB_PASSWORD=***"]),
        (["--env=API_KEY=abc"], ["--env=API_KEY=***"]),
        (["--build-arg", "NPM_TOKEN=abc"], ["--build-arg", "NPM_TOKEN=***"]),
        (["-o", "user=ana,password=abc,ro"], ["-o", "user=ana,password=***,ro"]),
        (["DB_PASS=abc"], ["DB_PASS=***"]),
        (["-e", "MYSQL_PASS=abc"], ["-e", "MYSQL_PASS=***"]),
        (["--env=dbpass=abc"], ["--env=dbpass=***"]),
        (["PGPASSWORD=abc"], ["PGPASSWORD=***"]),
        (["DB_PWD=abc", "-e", "MSSQL_SA_PASSWORD=a b"], ["DB_PWD=***", "-e", "MSSQL_SA_PASSWORD=***"]),
        (["--pass", "abc"], ["--pass", "***"]),
        (["--db-pass", "abc"], ["--db-pass", "***"]),
        (["--pass=abc"], ["--pass=***"]),
        (["--pwd", "abc"], ["--pwd", "***"]),
        (["-pw", "abc", "host"], ["-pw", "***", "host"]),
        (["sh", "-c", "mytool --pass abc; PASS=abc x"], ["sh", "-c", "mytool --pass ***; PASS=*** x"]),
        # logins
        (["curl", "-u", "ana:s3cret", "https://x/"], ["curl", "-u", "ana:***", "https://x/"]),
        (["--user", "ana:s3:cret"], ["--user", "ana:***"]),
        (["--user=ana:s3cret"], ["--user=ana:***"]),
        (["--proxy-user", "ana:s3cret"], ["--proxy-user", "ana:***"]),
        (["-U", "ana:s3cret"], ["-U", "ana:***"]),
        (["--auth", "ana:s3cret"], ["--auth", "ana:***"]),
        (["--oauth2-bearer", "abc"], ["--oauth2-bearer", "***"]),
        (["curl", "-su", "ana:s3cret", "x"], ["curl", "-su", "ana:***", "x"]),
        (["sh", "-c", "curl -su ana:s3cret x"], ["sh", "-c", "curl -su ana:*** x"]),
        (["sh", "-c", "curl --user 'ana:s3cret' x"], ["sh", "-c", "curl --user 'ana:***' x"]),
        # without a scheme
        (["ana:s3cret@example.org"], ["ana:***@example.org"]),
        (["ana:s3cret@10.0.0.1:5432/shop"], ["ana:***@10.0.0.1:5432/shop"]),
        (["ana:s3cret@tcp(db:3306)/shop"], ["ana:***@tcp(db:3306)/shop"]),
        (["--dsn=ana:s3cret@db/shop"], ["--dsn=ana:***@db/shop"]),
        (["http_proxy=ana:s3cret@proxy:3128"], ["http_proxy=ana:***@proxy:3128"]),
        # flags of programs
        (["mysql", "-uroot", "-ps3cret", "shop"], ["mysql", "-uroot", "-p***", "shop"]),
        (["/usr/bin/mysqldump", "-p8080", "shop"], ["/usr/bin/mysqldump", "-p***", "shop"]),
        (["mariadb-dump", "-ps3cret"], ["mariadb-dump", "-p***"]),
        (["sh", "-c", "mysql -u root -ps3cret shop"], ["sh", "-c", "mysql -u root -p*** shop"]),
        (["applaunch", "run", "mysql", "-ps3cret"], ["applaunch", "run", "mysql", "-p***"]),
        (["sshpass", "-p", "abc", "ssh", "host"], ["sshpass", "-p", "***", "ssh", "host"]),
        (["sshpass", "-pabc", "ssh", "-p22"], ["sshpass", "-p***", "ssh", "-p***"]),
        (["7z", "x", "-pabc", "a.7z"], ["7z", "x", "-p***", "a.7z"]),
        (["zip", "-P", "abc", "a.zip"], ["zip", "-P", "***", "a.zip"]),
        (["ldapsearch", "-D", "cn=ana", "-w", "abc"], ["ldapsearch", "-D", "cn=ana", "-w", "***"]),
        (["redis-cli", "-a", "abc", "ping"], ["redis-cli", "-a", "***", "ping"]),
        (["docker", "login", "-u", "ana", "-p", "abc"], ["docker", "login", "-u", "ana", "-p", "***"]),
        (["smbclient", "-U", "ana%abc", "//h/s"], ["smbclient", "-U", "ana%***", "//h/s"]),
        (["mongosh", "-u", "ana", "-p", "abc"], ["mongosh", "-u", "ana", "-p", "***"]),
        (["configure", "set", "aws_secret_access_key", "abc"], ["configure", "set", "aws_secret_access_key", "***"]),
        (["aws_secret_access_key=abc"], ["aws_secret_access_key=***"]),
        (["AWS_SESSION_TOKEN=abc"], ["AWS_SESSION_TOKEN=***"]),
        # JSON
        (['{"user": "ana", "password": "a b"}'], ['{"user": "ana", "password": "***"}']),
        (["-d", '{"token":"abc","n":1}'], ["-d", '{"token":"***","n":1}']),
        (["sh", "-c", 'curl -d "{\\"api_key\\": \\"abc\\"}"'], ["sh", "-c", 'curl -d "{\\"api_key\\": \\"***\\"}"']),
        (["{'db_pass': 'abc'}"], ["{'db_pass': '***'}"]),
        (['{"password": "it\'s \\"x", "a": 1}'], ['{"password": "***", "a": 1}']),
        # addresses that are secrets
        (["https://hooks.slack.com/services/T0/B0/abc"], ["https://hooks.slack.com/services/***"]),
        (["https://api.telegram.org/bot12:abc/getMe"], ["https://api.telegram.org/bot***/getMe"]),
        # headers
        (["-H", "Authorization: Bearer abc"], ["-H", "Authorization: Bearer ***"]),
        (["-HAuthorization: token abc"], ["-HAuthorization: token ***"]),
        (["--header=authorization: Basic YTpi"], ["--header=authorization: Basic ***"]),
        (["Authorization:abc"], ["Authorization:***"]),
        (["-H", "X-Api-Key: abc"], ["-H", "X-Api-Key: ***"]),
        (["-H", "PRIVATE-TOKEN: abc"], ["-H", "PRIVATE-TOKEN: ***"]),
        (["-H", "Cookie: a=b; c=d"], ["-H", "Cookie: ***"]),
        (["--add-header", "Cookie:a=b"], ["--add-header", "Cookie:***"]),
        # tokens that say what they are
        (["AKIAIOSFODNN7EXAMPLE"], ["AKIA***"]),
        (["ghp_0123456789abcdefghijABCDEFGHIJ012345"], ["ghp_***"]),
        (["github_pat_11ABCDEFG0123456789_abcdefghijklmnop"], ["github_pat_***"]),
        (["glpat-0123456789abcdefghij"], ["glpat-***"]),
        (["xoxb-0123456789-abcdef"], ["xoxb-***"]),
        (["sk-proj-0123456789abcdefghij"], ["sk-***"]),
        ([JWT], ["eyJ***"]),
        (["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n"], ["-----BEGIN OPENSSH PRIVATE KEY-----***"]),
        # the text of a command
        (
            ["sh", "-c", "curl -H 'Authorization: Bearer abc' https://ana:pw@x/ | TOKEN=abc login --password abc -v"],
            ["sh", "-c", "curl -H 'Authorization: Bearer ***' https://ana:***@x/ | TOKEN=*** login --password *** -v"],
        ),
        (['export DB_PASSWORD="two words"; run'], ["export DB_PASSWORD=***; run"]),
    ],
)
def test_a_secret_is_blotted_out_and_the_rest_stays(typed, kept):
    assert mask_secrets(typed) == kept


@pytest.mark.parametrize(
    "arg",
    [
        "",
        "-p",
        "8080:80",
        "a b",
        "*",
        "--x='y z'",
        "$(id)",
        "http://x/?a=1&b=2",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1&t=42s",
        "http://127.0.0.1:8099/clip.mp4",
        "http://host:8080/@ana/1",
        "http://host:8080/?q=a@b.org",
        "https://medium.com/@ana/post",
        "ssh://git@github.com/x/y.git",
        "git@github.com:x/y.git",
        "ana@example.org:/srv/x",
        "pkg:npm/%40angular/core@1.0",
        "docker.io/library/alpine@sha256:24a2c30a1ebd7b9d0ae5b1b1ee8b4ea7f1c2fba3b2a7fb0a5a1d1a2f5f2b6e11",
        "--password-file=/run/x",
        "--password-stdin",
        "--user=1000:1000",
        "--user=root:root",
        "--user=1000",
        "-print",
        "-print0",
        "-path",
        "-p8080",
        "-p8080:80",
        "-ps3cret",
        "--passive",
        "--passes=2",
        "--pass=1",
        "-passlogfile",
        "PASSENGER=1",
        "BYPASS=cache",
        "COMPASS=north",
        "two-pass=yes",
        "multipass=list",
        "--passthrough=all",
        "OLDPWD=/home/ana",
        "alpine:3.18@sha256:24a2c30a1ebd7b9d0ae5b1b1ee8b4ea7f1c2fba3b2a7fb0a5a1d1a2f5f2b6e11",
        "npm:react@17.0.2",
        "vue:router@4.1",
        "mailto:ana@example.org",
        "author:ana@example.org",
        "at 12:30",
        "host:dir/file@v1.2",
        '{"tokens": "5", "token_type": "bearer", "compass": "n"}',
        '{"password": null}',
        "ana%20b",
        "--key-file=id_rsa",
        "--sort-key=name",
        "key=value",
        "PWD=/home/ana",
        "KEYBOARD=us",
        "--max-tokens=5",
        "--tokenizer=bert",
        '.items[] | {name: .name, token: .id} | select(.token == "x")',
        '.[] | select(.password=="x")',
        "s/token/word/g",
        "-k",
        "secret:/run/secret:ro",
        "%(title)s.%(ext)s",
        "bestvideo[height<=1080]+bestaudio",
        "task-0123456789abcdefghij0123456789",
        "skeleton-of-a-long-word-with-dashes",
        "author: bearer of news",
        "Content-Type: application/json",
        "X-Request-Id: 12345",
        "\udcff\n\0",
    ],
)
def test_an_ordinary_argument_stays_as_it_was(arg):
    assert mask_secrets([arg]) == [arg]


@pytest.mark.parametrize(
    "args",
    [
        ["--password-file", "pw.txt"],
        ["--password-stdin", "registry.example.org"],
        ["--ask-password", "host"],
        ["--no-password", "host"],
        ["--token", "--verbose"],
        ["--secret", "id=npm,src=.npmrc"],
        ["--password"],
        ["--password", ""],
        ["--pass", "1"],
        ["-pass", "2", "out.mp4"],
        ["-p", "8080"],
        ["-p", "8080:80"],
        ["-u", "1000:1000"],
        ["-u", "root"],
        ["--user", "node:node"],
        ["--user", "$(id -u):$(id -g)"],
        ["find", "-path", "x", "-print"],
        ["ssh", "-p", "22", "host"],
        ["docker", "run", "-p", "8080:80", "-w", "/src"],
        ["gh", "auth", "login", "-p", "https"],
        ["ls", "-a", "x"],
        ["rsync", "-avu", "host:dir", "."],
        ["rsync", "-u", "host:dir", "."],
        ["git", "push", "-u", "origin", "main:main"],
        ["-P", "4"],
        ["xargs", "-P", "4"],
    ],
)
def test_a_flag_without_a_secret_hides_nothing(args):
    assert mask_secrets(args) == args


@given(st.lists(st.text()))
def test_as_many_arguments_come_back(args):
    assert len(mask_secrets(args)) == len(args)


@given(st.lists(st.text(alphabet="aAkKey_:/@=?&-.T OKEN'\"", max_size=40)))
def test_masking_twice_is_masking_once(args):
    once = mask_secrets(args)

    assert mask_secrets(once) == once


@pytest.mark.parametrize(
    "part",
    [
        "a.",
        "a-",
        "--a",
        "://a:",
        "A_",
        "x=",
        " --a ",
        "bearer ",
        "?a",
        "a+",
        "eyJ-",
        "eyJ.",
        "https://a",
        "A:",
        "sk-",
        "curl ",
        "mysql ",
        "a:b",
        "a:b@",
        '"a',
        '"a": ',
        "a_pass",
        "--pw",
        " -p",
        "a%",
        "curl -u a",
    ],
)
def test_a_long_argument_takes_no_longer_per_letter(part):
    assert mask_secrets([part * 50_000])  # a pattern that looks back and forth would be here for minutes
