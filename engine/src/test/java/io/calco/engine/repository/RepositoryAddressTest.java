package io.calco.engine.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.repository.RepositoryAddress.Directory;
import io.calco.engine.repository.RepositoryAddress.Remote;
import io.calco.engine.repository.RepositoryAddress.S3;
import io.calco.engine.repository.RepositoryAddress.Sftp;
import io.calco.engine.repository.RepositoryAddress.Smb;
import io.calco.engine.repository.remote.RemotePlace.Link;
import io.calco.store.s3.ObjectLock;
import io.calco.testkit.Seeds;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What addresses say, and what is said of those that say it wrongly.
class RepositoryAddressTest {
  private static final String FINGERPRINT = "SHA256:wYxKN1sXCJQ5vNnDq8jpiG3k2lmP7C0rWc9cQOe4zXo";

  private static RepositoryAddress parse(String text) {
    return RepositoryAddress.parse(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/mnt/backup", "backup", "./sftp:x", "a:b/c", "../x y", "~/x"})
  void isADirectory(String text) {
    assertThat(parse(text)).isEqualTo(new Directory(Path.of(text))).hasToString(text);
  }

  @Test
  void isOnAnSshServer() {
    assertThat(parse("sftp://ana@nas/srv/calco"))
        .isEqualTo(sftp("nas", 22, "/srv/calco"))
        .hasToString("sftp://ana@nas/srv/calco");
    assertThat(parse("SFTP://ana@nas:2222/~/my%20backups/"))
        .isEqualTo(sftp("nas", 2222, "my backups"))
        .hasToString("sftp://ana@nas:2222/~/my backups");
    assertThat(parse("sftp://ana@[fe80::1]:2222/x"))
        .isEqualTo(sftp("fe80::1", 2222, "/x"))
        .hasToString("sftp://ana@[fe80::1]:2222/x");
    assertThat(
            parse(
                "sftp://ana@nas/x?fingerprint="
                    + FINGERPRINT
                    + "&identity=/home/ana/key&password-file=p%26w"))
        .isEqualTo(
            new Sftp(
                "ana",
                "nas",
                22,
                "/x",
                Optional.of(FINGERPRINT),
                Optional.of(Path.of("/home/ana/key")),
                Optional.of(Path.of("p&w"))))
        .hasToString("sftp://ana@nas/x");
  }

  private static Sftp sftp(String host, int port, String path) {
    return new Sftp("ana", host, port, path, Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Test
  void isInABucket() {
    assertThat(parse("s3://backups"))
        .isEqualTo(
            new S3(
                "backups",
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()))
        .hasToString("s3://backups");
    assertThat(parse("s3://b.x/machines/web/?endpoint=https://s3.lan:9000&region=lan&profile=nas"))
        .isEqualTo(
            new S3(
                "b.x",
                "machines/web",
                Optional.of(URI.create("https://s3.lan:9000")),
                Optional.of("lan"),
                Optional.of("nas"),
                Optional.empty()))
        .hasToString("s3://b.x/machines/web");
  }

  @Test
  void locksItsObjects() {
    assertThat(((S3) parse("s3://bb/x?retention=30d")).lock())
        .contains(new ObjectLock(ObjectLock.Mode.COMPLIANCE, Duration.ofDays(30)));
    assertThat(((S3) parse("s3://bb/x?lock=governance&retention=1d")).lock())
        .contains(new ObjectLock(ObjectLock.Mode.GOVERNANCE, Duration.ofDays(1)));
    for (String options :
        List.of("retention=0d", "retention=30", "lock=compliance", "lock=x&retention=1d")) {
      assertThatThrownBy(() -> parse("s3://bb/x?" + options))
          .isInstanceOf(OperationException.class)
          .hasMessageStartingWith("the s3 address: ");
    }
  }

  @Test
  void isOnAShare() {
    assertThat(parse("smb://ana@nas/share/a/b?credentials=/etc/calco/nas"))
        .isEqualTo(new Smb("ana", "nas", 445, "share", "a/b", Path.of("/etc/calco/nas")))
        .hasToString("smb://ana@nas/share/a/b");
    assertThat(parse("smb://ana@nas:1445/share?credentials=c"))
        .isEqualTo(new Smb("ana", "nas", 1445, "share", "", Path.of("c")));
  }

  @Test
  void isKeptByAnotherCalco() {
    assertThat(parse("calco://nas/web?credentials=/etc/calco/nas.rc&ca=ca.pem"))
        .isEqualTo(
            new Remote(
                "nas",
                9292,
                "web",
                Link.TLS,
                Optional.of(Path.of("ca.pem")),
                Optional.of(Path.of("/etc/calco/nas.rc"))))
        .hasToString("calco://nas/web");
    assertThat(parse("calco://[fe80::1]:443/web-1/")).hasToString("calco://[fe80::1]:443/web-1");
  }

  /// What does not leave this host need not be encrypted, nor what somebody says aloud.
  @ParameterizedTest
  @CsvSource({
    "calco://localhost/a, PLAIN",
    "calco://127.0.0.1:9292/a, PLAIN",
    "calco://[::1]/a, PLAIN",
    "calco://localhost/a?tls=on, TLS",
    "calco://localhost/a?ca=x, TLS",
    "calco://nas/a, TLS",
    "calco://127.0.0.1.example/a, TLS",
    "calco://10.0.0.1/a, TLS",
    "calco://nas/a?tls=off, PLAIN",
  })
  void isEncryptedUnlessItStaysHere(String text, Link link) {
    assertThat(parse(text)).extracting("link").isEqualTo(link);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ftp://x | begins with sftp://, s3://, smb:// or calco://",
        "sftp:ana@nas:/x | begins with sftp://, s3://, smb:// or calco://",
        "file:///x | begins with sftp://, s3://, smb:// or calco://",
        "sftp://nas/x | the sftp address: the user is missing",
        "sftp://ana@nas | the sftp address: the path is missing",
        "sftp://ana@nas/ | the path is missing",
        "sftp://ana@/x | the host is a name, an address",
        "sftp://ana@n as/x | the host is a name, an address",
        "sftp://ana@nas:0/x | the port is 1 to 65535",
        "sftp://ana@nas:65536/x | the port is 1 to 65535",
        "sftp://ana@nas:ssh/x | the port is 1 to 65535",
        "sftp://ana@nas/x?fingerprint=MD5:00 | a fingerprint is SHA256:",
        "sftp://ana@nas/x?key=y | the names are fingerprint, identity, password-file",
        "sftp://ana@nas/x?identity= | its options are NAME=VALUE",
        "sftp://ana@nas/x?identity=a&identity=b | the option identity is there twice",
        "sftp://ana@nas/%zz | a % is followed by two hexadecimal digits",
        "sftp://ana@nas/a%0ab | a % is followed by what no name has",
        "s3:// | the bucket has letters",
        "s3://a1/?endpoint=ftp://x | the endpoint begins with https:// or http://",
        "s3://a1/?endpoint=https://k@x | the endpoint is no place for a user",
        "smb://ana@nas/?credentials=x | the share is missing",
        "smb://ana@nas/share | ?credentials=FILE is missing",
        "calco://nas | the repository's name has",
        "calco://nas/a/b | the repository's name has",
        "calco://nas/A | the repository's name has",
        "calco://nas/.a | the repository's name has",
        "calco://ana@nas/a | it names no user",
        "calco://nas:0/a | the port is 1 to 65535",
        "calco://nas/a?tls=no | tls is on or off",
        "calco://nas/a?tls=off&ca=x | a ca is of no use",
        "calco://nas/a?password=x | the names are ca, credentials, tls",
      })
  void saysWhatIsWrong(String text, String words) {
    assertThatThrownBy(() -> parse(text.strip()))
        .isInstanceOfSatisfying(
            OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.USAGE))
        .hasMessageContaining(words.strip());
  }

  /// Wherever somebody puts a secret: it is refused where it can be told to be one, and never
  /// repeated.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sftp://ana:S@nas/x",
        "sftp://ana:S/S@nas/x",
        "sftp://ana:S?S@nas/x",
        "sftp://ana:S@S@nas/x",
        "sftp://ana:%53S@nas/x",
        "sftp://:S@nas/x",
        "sftp://ana@nas/x?password=S",
        "sftp://ana@nas/x?S",
        "sftp://ana@nas/x?identity=a&S=",
        "sftp://ana@nas:S/x",
        "s3://AKIA:S@bucket",
        "s3://AKIA:S",
        "s3://S@bucket",
        "s3://bucket?secret-access-key=S",
        "s3://bucket?endpoint=https://k:S@host",
        "smb://ana:S@nas/share?credentials=x",
        "smb://ana@nas/share?password=S",
        "smb://ana@nas/share?credentials=x&password=S",
        "calco://ana:S@nas/x",
        "calco://S@nas/x",
        "calco://nas:S/x",
        "calco://nas/x?secret=S",
        "calco://nas/x?tls=S",
        "ftp://ana:S@nas/x",
        "https://ana:S@nas/x",
      })
  void repeatsNoSecret(String template) {
    String secret = "hunter2HUNTER2";
    OperationException refusal =
        catchThrowableOfType(OperationException.class, () -> parse(template.replace("S", secret)));
    assertThat(refusal).isNotNull();
    assertThat(refusal.kind()).isEqualTo(Kind.USAGE);
    assertThat(refusal.getMessage() + refusal.hint()).doesNotContain("hunter2", "%53");
  }

  @Test
  void anythingElseIsRefusedToo() {
    Seeds.run(
        200,
        random -> {
          StringBuilder text = new StringBuilder();
          String[] words = {
            "sftp://",
            "s3://",
            "smb://",
            "calco://",
            "a",
            "@",
            ":",
            "/",
            "?",
            "=",
            "&",
            "%",
            "[",
            "]",
            "~",
            "identity",
            "credentials",
            "\\",
            " ",
            "22",
            "é",
            "\u0000"
          };
          for (int i = random.nextInt(14); i >= 0; i--) {
            text.append(words[random.nextInt(words.length)]);
          }
          try {
            parse(text.toString());
          } catch (OperationException told) {
            assertThat(told.kind()).isEqualTo(Kind.USAGE);
          }
        });
  }
}
