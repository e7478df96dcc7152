package io.calco.guest.seed;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.guest.Content;
import io.calco.guest.identity.Hostname;
import io.calco.guest.network.InterfaceSettings;
import io.calco.guest.personalise.AuthorizedKey;
import io.calco.guest.personalise.CloneIdentity;
import io.calco.guest.personalise.CloneUser;
import io.calco.guest.personalise.FirstBootScript;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.personalise.Regional;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Seeds, read by isoinfo, blkid, python3-yaml and cloud-init.
class SeedTest {
  private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOmv a: \"b\" # \\ {ñ} 😀";
  private static final CloneIdentity IDENTITY =
      new CloneIdentity("web1", Optional.empty(), List.of(), List.of());

  @TempDir private Path directory;

  private static Personalisation web1() {
    return Personalisation.builder(new Hostname("web1.example.org"))
        .user(new CloneUser("ana", CloneUser.Privilege.ADMINISTRATOR))
        .authorizedKey(new AuthorizedKey("ana", KEY))
        .firstBoot(new FirstBootScript("set: up\n", Content.of("#!/bin/sh\n")))
        .network(
            InterfaceSettings.parse(
                "ens3=192.0.2.11/24,2001:db8::5/64,gw=192.0.2.1,gw=2001:db8::1"))
        .network(InterfaceSettings.parse("52:54:00:12:34:56=dhcp,dns=192.0.2.53"))
        .regional(
            new Regional(
                Optional.of("es_ES.UTF-8"),
                Optional.of("Europe/Madrid"),
                Optional.of("de(nodeadkeys)")))
        .build();
  }

  @ParameterizedTest
  @EnumSource
  void othersReadTheDisc(Seed.Form form) throws IOException {
    Path image = directory.resolve("seed.iso");
    Files.write(image, Seed.image(form, "id-1", web1(), IDENTITY));
    assertThat(Oracle.named("blkid").run("-p", image).succeeds().out())
        .contains(form == Seed.Form.NOCLOUD ? " LABEL=\"CIDATA\"" : " LABEL=\"config-2\"");
    for (Map.Entry<String, String> file :
        Seed.documents(form, "id-1", web1(), IDENTITY).entrySet()) {
      Oracle.Run run = Oracle.named("isoinfo").run("-R", "-i", image, "-x", "/" + file.getKey());
      assertThat(run.succeeds().out()).isEqualTo(file.getValue());
    }
  }

  @Test
  void cloudInitAcceptsIt() throws IOException {
    String text =
        Seed.documents(Seed.Form.NOCLOUD, "id-1", web1(), IDENTITY).getOrDefault("user-data", "");
    Path file = Files.writeString(directory.resolve("user-data"), text);
    Oracle.optional("cloud-init").run("schema", "--config-file", file).succeeds();
  }

  /// cloud-init's own words for each network service, of an interface set and of one that asks.
  @ParameterizedTest
  @CsvSource({
    "NOCLOUD, eni, address 2001:db8::5/64\\n    gateway 2001:db8::1",
    "NOCLOUD, eni, gateway 192.0.2.1",
    "NOCLOUD, eni, iface calco1 inet dhcp",
    "NOCLOUD, networkd, Gateway=2001:db8::1",
    "NOCLOUD, network-manager, gateway=2001:db8::1",
    "NOCLOUD, netplan, 52:54:00:12:34:56",
    "CONFIGDRIVE, eni, address 2001:db8::5/64\\n    gateway 2001:db8::1",
    "CONFIGDRIVE, networkd, Gateway=2001:db8::1",
    "CONFIGDRIVE, eni, iface ens9 inet dhcp"
  })
  void cloudInitSetsTheNetwork(Seed.Form form, String service, String expected) throws IOException {
    boolean noCloud = form == Seed.Form.NOCLOUD;
    String text =
        Seed.documents(form, "id-1", web1(), IDENTITY)
            .getOrDefault(noCloud ? "network-config" : "openstack/latest/network_data.json", "");
    Path file = Files.writeString(directory.resolve("network"), text);
    Path out = directory.resolve("out");
    Oracle.optional("cloud-init")
        .run(
            "devel",
            "net-convert",
            "-p",
            file,
            "-k",
            noCloud ? "yaml" : "network_data.json",
            "-d",
            out,
            "-D",
            "debian",
            "-O",
            service,
            "-m",
            "ens9,52:54:00:12:34:56")
        .succeeds();
    assertThat(written(out)).contains(expected.replace("\\n", "\n")).doesNotContain("::/64\n");
  }

  private static String written(Path directory) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }

  @Test
  void hostileTextStaysText() throws IOException {
    String hostile = "\"\n- a: b\r\t\\ # {} \u0085\u2028\ufeff\u0000😀'";
    Path file = Files.writeString(directory.resolve("yaml"), SeedText.of(Map.of(hostile, hostile)));
    String program =
        "import yaml,sys; d=yaml.safe_load(open(sys.argv[1],encoding='utf8'));"
            + "print(d=={k:k for k in d}, ''.join('%x.'%ord(c) for k in d for c in k))";
    StringBuilder expected = new StringBuilder("True ");
    hostile.codePoints().forEach(c -> expected.append(Integer.toHexString(c)).append('.'));
    assertThat(Oracle.named("python3").run("-c", program, file).succeeds().out().strip())
        .isEqualTo(expected.toString());
  }
}
