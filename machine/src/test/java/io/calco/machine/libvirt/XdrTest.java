package io.calco.machine.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// With what a libvirtd 9.0 was asked and answered, recorded between virsh's library and it: the
/// contents of messages, without length and header.
class XdrTest {
  private static final UUID ID = UUID.fromString("0b0e4c80-9d4c-4c1b-9f6e-0123456789ab");
  private static final String DOMAIN =
      "0000000372656300" + "0b0e4c809d4c4c1b9f6e0123456789ab" + "ffffffff";

  private static XdrReader reader(String hex) {
    return new XdrReader(HexFormat.of().parseHex(hex));
  }

  @Test
  void readsAMachine() throws IOException {
    assertThat(Domain.read(reader(DOMAIN))).isEqualTo(new Domain("rec", ID, -1));
  }

  @Test
  void writesWhatIsAsked() {
    assertThat(new Domain("rec", ID, -1).arguments().put(0).toByteArray())
        .asHexString()
        .isEqualToIgnoringCase(DOMAIN + "00000000");
    assertThat(new XdrWriter().put(Optional.of("qemu:///system")).put(0).toByteArray())
        .asHexString()
        .isEqualToIgnoringCase(
            "00000001" + "0000000e" + "71656d753a2f2f2f73797374656d0000" + "00000000");
  }

  @Test
  void readsAList() throws IOException {
    assertThat(reader("00000001" + DOMAIN + "00000001").readList(XdrReader.LIST_MAX, Domain::read))
        .containsExactly(new Domain("rec", ID, -1));
  }

  @Test
  void readsAnError() throws IOException {
    LibvirtException error =
        LibvirtException.read(
            reader(
                "0000002a0000000a0000000100000035446f6d61696e206e6f7420666f756e643a206e6f20646f6d61"
                    + "696e2077697468206d61746368696e67206e616d6520276e6f706527000000"));
    assertThat(error.reason()).isEqualTo(LibvirtException.Reason.NOT_FOUND);
    assertThat(error.code()).isEqualTo(42);
    assertThat(error.domain()).isEqualTo(10);
    assertThat(error).hasMessage("libvirt: Domain not found: no domain with matching name 'nope'");
  }

  @Test
  void refusesWhatIsTooLong() {
    assertThatThrownBy(() -> reader("7fffffff41414141").readString())
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("2147483647");
    assertThatThrownBy(() -> reader("ffffffff").readString())
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("4294967295");
    assertThatThrownBy(() -> reader("0000000541414141").readString())
        .isInstanceOf(ProtocolException.class);
    assertThatThrownBy(() ->
            reader("00004001" + "00".repeat(20_000))
                .readList(XdrReader.LIST_MAX, XdrReader::readInt))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("16385")
        .hasMessageContaining("16384");
  }

  @Test
  void refusesWhatEndsTooEarly() {
    for (int length = 0; length < DOMAIN.length(); length += 2) {
      XdrReader cut = reader(DOMAIN.substring(0, length));
      assertThatThrownBy(() -> Domain.read(cut)).isInstanceOf(ProtocolException.class);
    }
    assertThatThrownBy(() -> reader("00000002").readBoolean())
        .isInstanceOf(ProtocolException.class);
  }
}
