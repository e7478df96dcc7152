package io.calco.guest.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.guest.MemoryFileSystem;
import io.calco.guest.inspect.GuestFacts.EncryptedVolume;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SystemSettingsTest {
  private static SystemSettings of(MemoryFileSystem fs) {
    return new SystemSettings(fs.tree());
  }

  private static SystemSettings of(String path, String text) {
    return of(new MemoryFileSystem().file(path, text.replace('|', '\n')));
  }

  @Test
  void theTimeZoneIsWhereLocaltimePoints() throws IOException {
    for (String target :
        List.of(
            "/usr/share/zoneinfo/Europe/Madrid",
            "../usr/share/zoneinfo/Europe/Madrid",
            "/etc/zoneinfo/Europe/Madrid")) {
      assertThat(of(new MemoryFileSystem().symlink("/etc/localtime", target)).timeZone())
          .contains("Europe/Madrid");
    }
    assertThat(of("/etc/timezone", "Europe/Madrid\n").timeZone()).contains("Europe/Madrid");
    assertThat(of("/etc/sysconfig/clock", "# x\nZONE=\"America/Lima\"\nUTC=true\n").timeZone())
        .contains("America/Lima");
    assertThat(of("/etc/localtime", "TZif2").timeZone()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/etc/locale.conf, LANG=es_ES.UTF-8, es_ES.UTF-8",
    "/etc/default/locale, '#  File|LANG=\"en_GB.UTF-8\"|LC_TIME=C', en_GB.UTF-8",
    "/etc/sysconfig/i18n, 'LANG=\"de_DE.UTF-8\"', de_DE.UTF-8",
    "/etc/sysconfig/language, 'RC_LC_ALL=\"\"|RC_LANG=\"fr_FR.UTF-8\"', fr_FR.UTF-8",
    "/etc/profile.d/20locale.sh, 'export CHARSET=${CHARSET:-UTF-8}|export LANG=C.UTF-8', C.UTF-8",
  })
  void localesAreFound(String path, String text, String locale) throws IOException {
    assertThat(of(path, text).locale()).contains(locale);
  }

  @Test
  void selinuxHasAModeAndAPolicy() throws IOException {
    String path = "/etc/selinux/config";
    assertThat(of(path, "# SELINUX= can\nSELINUX=enforcing\nSELINUXTYPE=targeted\n").selinux())
        .contains("enforcing (targeted)");
    assertThat(of(path, "SELINUX=disabled\nSELINUXTYPE=targeted\n").selinux()).contains("disabled");
    assertThat(of("/etc/hosts", "").selinux()).isEmpty();
  }

  @Test
  void theTargetIsALinkOrARunlevel() throws IOException {
    assertThat(
            of(new MemoryFileSystem()
                    .symlink(
                        "/etc/systemd/system/default.target",
                        "/lib/systemd/system/multi-user.target")
                    .symlink("/usr/lib/systemd/system/default.target", "graphical.target"))
                .defaultTarget())
        .contains("multi-user.target");
    assertThat(of("/etc/inittab", "# id:5:initdefault:\nid:3:initdefault:\n").defaultTarget())
        .contains("runlevel 3");
  }

  @Test
  void crypttabIsRead() throws IOException {
    assertThat(
            of(
                    "/etc/crypttab",
                    "# <target> <source> <key> <options>\n"
                        + "root UUID=1 none luks,discard\n\nswap /dev/sda3 /dev/urandom swap\n"
                        + "data /dev/sdb1\nbad\n")
                .encrypted())
        .containsExactly(
            new EncryptedVolume("root", "UUID=1", Optional.empty(), List.of("luks", "discard")),
            new EncryptedVolume("swap", "/dev/sda3", Optional.of("/dev/urandom"), List.of("swap")),
            new EncryptedVolume("data", "/dev/sdb1", Optional.empty(), List.of()));
  }
}
