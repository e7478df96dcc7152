package io.calco.machine.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Descriptions, and libvirt's addresses.
class DomainXmlTest {
  @TempDir private Path directory;

  @Test
  void refusesDocumentTypesAndEntities() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "hidden");
    for (String type :
        new String[] {
          "<!DOCTYPE domain [<!ENTITY e SYSTEM \"%s\">]>".formatted(secret.toUri()),
          "<!DOCTYPE domain [<!ENTITY e \"ha\">]>",
          "<!DOCTYPE domain SYSTEM \"%s\">".formatted(secret.toUri())
        }) {
      assertThatThrownBy(() -> DomainXml.parse(type + "<domain><name>&e;</name></domain>"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("DOCTYPE")
          .message()
          .doesNotContain("hidden", "\n");
    }
    assertThatThrownBy(() -> DomainXml.parse("<network/>")).hasMessageContaining("network");
    assertThatThrownBy(() -> DomainXml.parse("<domain>")).isInstanceOf(IOException.class);
  }

  @Test
  void printsWhatItRead() throws IOException {
    DomainXml read =
        DomainXml.parse(
            """
            <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
              <!-- made < by hand -->
              <name>a&amp;b&lt;c&gt;"d"\u00e9</name><title/>
              <?some thing?>
              <metadata><app:x xmlns:app="urn:app" app:y="1&#10;2&#9;3&quot;'&lt;"><z xmlns="urn:z"/></app:x></metadata>
              <description> two&#13;
            lines </description>
              <qemu:commandline><qemu:arg value='-S'/></qemu:commandline>
            </domain>
            """);
    DomainXml again = DomainXml.parse(read.toString());
    assertThat(again.root().isEqualNode(read.root())).as(read.toString()).isTrue();
    assertThat(again.name()).isEqualTo("a&b<c>\"d\"\u00e9");
    assertThat(DomainXml.parse("<domain><name><![CDATA[a<&]]></name></domain>").toString())
        .isEqualTo("<domain><name>a&lt;&amp;</name></domain>\n");
  }

  @Test
  void tellsMemoryInAllUnits() throws IOException {
    for (var one :
        Map.of("KiB", 1L << 10, "MiB", 1L << 20, "GB", 1_000_000_000L, "b", 1L).entrySet()) {
      assertThat(
              DomainXml.parse(
                      "<domain><memory unit='%s'>3</memory></domain>".formatted(one.getKey()))
                  .memory())
          .isEqualTo(3 * one.getValue());
    }
    assertThat(DomainXml.parse("<domain><memory>2048</memory></domain>").memory())
        .isEqualTo(2048L << 10);
    assertThat(
            DomainXml.parse("<domain><memory unit='GiB'>9999999999999</memory></domain>").memory())
        .isZero();
  }

  @Test
  void readsAddresses() {
    assertThat(LibvirtUri.standard(Map.of()).sockets())
        .contains(Path.of("/run/libvirt/libvirt-sock"));
    assertThat(
            LibvirtUri.standard(
                    Map.of(
                        LibvirtUri.VARIABLE, "qemu:///session", "XDG_RUNTIME_DIR", "/run/user/7"))
                .sockets())
        .contains(Path.of("/run/user/7/libvirt/libvirt-sock"));
    LibvirtUri named = LibvirtUri.parse("qemu+unix:///session?socket=/tmp/a%20b", Map.of());
    assertThat(named.sockets()).containsExactly(Path.of("/tmp/a b"));
    assertThat(named.driver()).isEqualTo("qemu:///session");
    for (String bad :
        new String[] {
          "xen:///system", "qemu+tls://host/system", "qemu:///", "qemu:///system?x=1", "a b"
        }) {
      assertThatThrownBy(() -> LibvirtUri.parse(bad, Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(bad);
    }
  }

  @Test
  void readsNetworks() {
    assertThat(MachineNetwork.parse("default")).isEqualTo(new MachineNetwork.Named("default"));
    assertThat(MachineNetwork.parse("bridge=br0")).isEqualTo(new MachineNetwork.Bridge("br0"));
    assertThat(MachineNetwork.parse("user")).isEqualTo(new MachineNetwork.User());
    assertThat(MachineNetwork.parse("none")).isEqualTo(new MachineNetwork.None());
    assertThatThrownBy(() -> MachineNetwork.parse("bridge="))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
