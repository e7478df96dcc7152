package io.calco.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.guest.OsRelease.Family;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The distributions, by what their own os-release says.
class OsReleaseTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      nullValues = "-",
      quoteCharacter = '`',
      value = {
        "ID=debian; VERSION_ID=\"12\"; debian; 12; DEBIAN",
        "ID=debian; PRETTY_NAME=\"Debian GNU/Linux trixie/sid\"; debian; -; DEBIAN",
        "ID=ubuntu|ID_LIKE=debian; VERSION_ID=\"24.04\"; ubuntu; 24.04; DEBIAN",
        "ID=raspbian|ID_LIKE=debian; VERSION_ID=\"11\"; raspbian; 11; DEBIAN",
        "ID=pop|ID_LIKE=\"ubuntu debian\"; VERSION_ID=\"22.04\"; pop; 22.04; DEBIAN",
        "ID=fedora; VERSION_ID=40; fedora; 40; RED_HAT",
        "ID=\"rhel\"|ID_LIKE=\"fedora\"; VERSION_ID=\"9.4\"; rhel; 9.4; RED_HAT",
        "ID=\"centos\"|ID_LIKE=\"rhel fedora\"; VERSION_ID=\"9\"; centos; 9; RED_HAT",
        "ID=\"rocky\"|ID_LIKE=\"rhel centos fedora\"; VERSION_ID=\"9.3\"; rocky; 9.3; RED_HAT",
        "ID=\"almalinux\"|ID_LIKE=\"rhel centos fedora\"; VERSION_ID=\"8.9\"; almalinux; 8.9; RED_HAT",
        "ID=\"ol\"|ID_LIKE=\"fedora\"; VERSION_ID=\"8.9\"; ol; 8.9; RED_HAT",
        "ID=\"amzn\"|ID_LIKE=\"centos rhel fedora\"; VERSION_ID=\"2\"; amzn; 2; RED_HAT",
        "ID=\"amzn\"|ID_LIKE=\"fedora\"; VERSION_ID=\"2023\"; amzn; 2023; RED_HAT",
        "ID=\"amzn\"|ID_LIKE=\"rhel fedora\"; VERSION_ID=\"2018.03\"; amzn; 2018.03; RED_HAT",
        "ID=\"sles\"|ID_LIKE=\"suse\"; VERSION_ID=\"15.5\"; sles; 15.5; SUSE",
        "ID=\"opensuse-leap\"|ID_LIKE=\"suse opensuse\"; VERSION_ID=\"15.6\"; opensuse-leap; 15.6; SUSE",
        "ID=\"opensuse-tumbleweed\"; VERSION_ID=\"20240501\"; opensuse-tumbleweed; 20240501; SUSE",
        "ID=\"sle-micro\"|ID_LIKE=\"suse\"; VERSION_ID=\"5.5\"; sle-micro; 5.5; SUSE",
        "ID=arch; BUILD_ID=rolling; arch; -; ARCH",
        "ID=manjaro|ID_LIKE=arch; BUILD_ID=rolling; manjaro; -; ARCH",
        "ID=alpine; VERSION_ID=3.20.0; alpine; 3.20.0; ALPINE",
        "ID=postmarketos|ID_LIKE=\"alpine\"; VERSION_ID='v24.06'; postmarketos; v24.06; ALPINE",
        "ID=nixos; VERSION_ID=\"24.05\"; nixos; 24.05; OTHER",
        "NAME=x; # ID=debian; linux; -; OTHER",
      })
  void distributionsAreRecognised(
      String ids, String versionLine, String id, String version, Family family) throws IOException {
    OsRelease os =
        OsRelease.of(
            new MemoryFileSystem()
                .file("/usr/lib/os-release", ids.replace("|", "\n") + "\n" + versionLine + "\n")
                .symlink("/etc/os-release", "../usr/lib/os-release")
                .tree());
    assertThat(os.id()).isEqualTo(id);
    assertThat(os.version()).isEqualTo(Optional.ofNullable(version));
    assertThat(os.family()).isEqualTo(family);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "/etc/centos-release; CentOS release 6.10 (Final); centos; 6.10; RED_HAT",
        "/etc/redhat-release; Red Hat Enterprise Linux Server release 5.11 (Tikanga); rhel; 5.11; RED_HAT",
        "/etc/SuSE-release; SUSE Linux Enterprise Server 11 (x86_64); suse; 11; SUSE",
      })
  void thoseBeforeOsReleaseAre(String file, String line, String id, String version, Family family)
      throws IOException {
    OsRelease os = OsRelease.of(new MemoryFileSystem().file(file, line + "\nmore\n").tree());
    assertThat(os.id()).isEqualTo(id);
    assertThat(os.version()).contains(version);
    assertThat(os.prettyName()).contains(line);
    assertThat(os.family()).isEqualTo(family);
  }

  @Test
  void aDebianWithoutOsReleaseHasAVersion() throws IOException {
    OsRelease os =
        OsRelease.of(new MemoryFileSystem().file("/etc/debian_version", "6.0.10\n").tree());
    assertThat(os.id()).isEqualTo("debian");
    assertThat(os.version()).contains("6.0.10");
    assertThat(os.prettyName()).isEmpty();
  }
}
