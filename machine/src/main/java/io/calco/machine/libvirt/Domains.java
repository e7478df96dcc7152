package io.calco.machine.libvirt;

import io.calco.machine.ScreenPicture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/// The machines of a libvirt. Safe for several threads.
public final class Domains {
  private static final int XML_SECURE = 1;
  private static final int XML_INACTIVE = 2;
  private static final int DEFINE_VALIDATE = 1;
  private static final int FROM_LEASES = 0;
  private static final int CONSOLE_SAFE = 2;
  private static final int ADDRESSES_MAX = 2048; // REMOTE_DOMAIN_IP_ADDR_MAX
  private static final int PICTURE_MAX = 256 << 20; // ours

  private final Wire wire;

  Domains(Wire wire) {
    this.wire = wire;
  }

  /// All of them, running or not.
  public List<Domain> list() throws IOException {
    return wire.call(Procedure.CONNECT_LIST_ALL_DOMAINS, new XdrWriter().put(1).put(0))
        .readList(XdrReader.LIST_MAX, Domain::read);
  }

  /// The one of that name.
  ///
  /// @throws LibvirtException when there is none
  public Domain get(String name) throws IOException {
    return Domain.read(wire.call(Procedure.DOMAIN_LOOKUP_BY_NAME, new XdrWriter().put(name)));
  }

  /// The one of that name, when there is one.
  public Optional<Domain> find(String name) throws IOException {
    try {
      return Optional.of(get(name));
    } catch (LibvirtException e) {
      if (e.reason() == LibvirtException.Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// The one of that UUID.
  ///
  /// @throws LibvirtException when there is none
  public Domain get(UUID uuid) throws IOException {
    return Domain.read(wire.call(Procedure.DOMAIN_LOOKUP_BY_UUID, new XdrWriter().put(uuid)));
  }

  /// What it does.
  public DomainState state(Domain domain) throws IOException {
    return DomainState.of(
        wire.call(Procedure.DOMAIN_GET_STATE, domain.arguments().put(0)).readInt());
  }

  /// Which description of a machine.
  public enum Description {
    /// As it runs; as it will start when it is off.
    LIVE(0),
    /// As it will start next, without its secrets.
    NEXT(XML_INACTIVE),
    /// As it will start next, with its secrets.
    STORED(XML_INACTIVE | XML_SECURE);

    private final int flags;

    Description(int flags) {
      this.flags = flags;
    }
  }

  /// Its description (`virsh dumpxml`).
  public DomainXml xml(Domain domain, Description which) throws IOException {
    return DomainXml.parse(text(domain, which));
  }

  /// The same as libvirt writes it.
  public String text(Domain domain, Description which) throws IOException {
    return wire.call(Procedure.DOMAIN_GET_XML_DESC, domain.arguments().put(which.flags))
        .readString();
  }

  /// Makes a machine, or changes the one of the same name and UUID; libvirt compares the
  /// description with its schema first.
  public Domain define(DomainXml xml) throws IOException {
    return Domain.read(
        wire.call(
            Procedure.DOMAIN_DEFINE_XML_FLAGS,
            new XdrWriter().put(xml.toString()).put(DEFINE_VALIDATE)));
  }

  /// What becomes of a machine's variables of its firmware.
  public enum Nvram {
    /// They are deleted with it.
    DELETE(4),
    /// The file stays.
    KEEP(8);

    private final int flag;

    Nvram(int flag) {
      this.flag = flag;
    }
  }

  /// Forgets a machine, and with it what libvirt keeps of its saved state, its snapshots and its
  /// checkpoints; disks stay. A running one runs on until it ends.
  public void undefine(Domain domain, Nvram nvram) throws IOException {
    int managedSave = 1;
    int snapshots = 2;
    int checkpoints = 16;
    wire.call(
        Procedure.DOMAIN_UNDEFINE_FLAGS,
        domain.arguments().put(managedSave | snapshots | checkpoints | nvram.flag));
  }

  /// Starts it.
  public Domain start(Domain domain) throws IOException {
    return Domain.read(wire.call(Procedure.DOMAIN_CREATE_WITH_FLAGS, domain.arguments().put(0)));
  }

  /// Asks it to shut itself down; returns at once.
  public void shutdown(Domain domain) throws IOException {
    wire.call(Procedure.DOMAIN_SHUTDOWN_FLAGS, domain.arguments().put(0));
  }

  /// Asks it to begin anew; returns at once.
  public void reboot(Domain domain) throws IOException {
    wire.call(Procedure.DOMAIN_REBOOT, domain.arguments().put(0));
  }

  /// Ends it, as pulling the plug does.
  public void destroy(Domain domain) throws IOException {
    wire.call(Procedure.DOMAIN_DESTROY_FLAGS, domain.arguments().put(0));
  }

  /// Gives a machine that is off another name; its UUID stays.
  public void rename(Domain domain, String name) throws IOException {
    wire.call(Procedure.DOMAIN_RENAME, domain.arguments().put(Optional.of(name)).put(0));
  }

  /// Whether it starts with the host.
  public boolean autostart(Domain domain) throws IOException {
    return wire.call(Procedure.DOMAIN_GET_AUTOSTART, domain.arguments()).readBoolean();
  }

  /// Whether it shall start with the host.
  public void autostart(Domain domain, boolean on) throws IOException {
    wire.call(Procedure.DOMAIN_SET_AUTOSTART, domain.arguments().put(on ? 1 : 0));
  }

  /// True when libvirt keeps its description; false for one that is gone once it ends.
  public boolean persistent(Domain domain) throws IOException {
    return wire.call(Procedure.DOMAIN_IS_PERSISTENT, domain.arguments()).readBoolean();
  }

  /// True when its memory was saved, to go on from there at the next start.
  public boolean saved(Domain domain) throws IOException {
    return wire.call(Procedure.DOMAIN_HAS_MANAGED_SAVE_IMAGE, domain.arguments().put(0))
        .readBoolean();
  }

  /// Forgets its saved memory, so that it begins anew at the next start.
  public void forgetSaved(Domain domain) throws IOException {
    wire.call(Procedure.DOMAIN_MANAGED_SAVE_REMOVE, domain.arguments().put(0));
  }

  /// How many snapshots libvirt keeps of it.
  public int snapshots(Domain domain) throws IOException {
    return wire.call(Procedure.DOMAIN_SNAPSHOT_NUM, domain.arguments().put(0)).readInt();
  }

  /// What it takes of the host.
  ///
  /// @param memoryMaxKiB its memory
  /// @param memoryKiB what it has of it now
  /// @param processors how many
  /// @param cpuNanos what they have worked
  public record Info(long memoryMaxKiB, long memoryKiB, int processors, long cpuNanos) {}

  /// What it takes of the host.
  public Info info(Domain domain) throws IOException {
    XdrReader answer = wire.call(Procedure.DOMAIN_GET_INFO, domain.arguments());
    answer.readInt(); // the state
    return new Info(answer.readHyper(), answer.readHyper(), answer.readInt(), answer.readHyper());
  }

  /// A network card and its addresses.
  ///
  /// @param name the host's end
  /// @param addresses each with its prefix: `192.0.2.7/24`
  public record Interface(String name, Optional<String> mac, List<String> addresses) {
    /// Copies the list.
    public Interface {
      addresses = List.copyOf(addresses);
    }

    private static Interface read(XdrReader reader) throws ProtocolException {
      return new Interface(
          reader.readString(),
          reader.readOptionalString(),
          reader.readList(ADDRESSES_MAX, Interface::readAddress));
    }

    private static String readAddress(XdrReader reader) throws ProtocolException {
      reader.readInt(); // IPv4 or IPv6, as one sees
      return reader.readString() + "/" + Integer.toUnsignedString(reader.readInt());
    }
  }

  /// The addresses that libvirt's own networks have given to a running machine.
  public List<Interface> interfaces(Domain domain) throws IOException {
    return wire.call(
            Procedure.DOMAIN_INTERFACE_ADDRESSES, domain.arguments().put(FROM_LEASES).put(0))
        .readList(XdrReader.LIST_MAX, Interface::read);
  }

  /// The size of a disk.
  ///
  /// @param allocation host bytes that it takes
  /// @param capacity bytes that the guest sees
  /// @param physical bytes of its file
  public record BlockInfo(long allocation, long capacity, long physical) {}

  /// The size of a disk of a machine.
  ///
  /// @param disk its place in the guest (`vda`), or its file
  public BlockInfo blockInfo(Domain domain, String disk) throws IOException {
    XdrReader answer =
        wire.call(Procedure.DOMAIN_GET_BLOCK_INFO, domain.arguments().put(disk).put(0));
    return new BlockInfo(answer.readHyper(), answer.readHyper(), answer.readHyper());
  }

  /// What was read from and written to a disk since its machine started.
  public record BlockStats(long reads, long readBytes, long writes, long writtenBytes) {}

  /// What a running machine has read and written.
  ///
  /// @param disk its place in the guest (`vda`), or its file
  public BlockStats blockStats(Domain domain, String disk) throws IOException {
    XdrReader answer = wire.call(Procedure.DOMAIN_BLOCK_STATS, domain.arguments().put(disk));
    return new BlockStats(
        answer.readHyper(), answer.readHyper(), answer.readHyper(), answer.readHyper());
  }

  /// What the first screen of a running machine shows.
  public ScreenPicture screenshot(Domain domain) throws IOException {
    Wire.Opened opened = wire.open(Procedure.DOMAIN_SCREENSHOT, domain.arguments().put(0).put(0));
    Optional<String> type = opened.answer().readOptionalString();
    try (WireStream stream = Objects.requireNonNull(opened.stream())) {
      byte[] picture = readWhole(stream);
      stream.finish();
      return type.equals(Optional.of("image/png"))
          ? ScreenPicture.ofPng(picture)
          : ScreenPicture.ofPixmap(picture);
    }
  }

  private static byte[] readWhole(WireStream stream) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] piece = new byte[1 << 16];
    for (int count = stream.read(piece, 0, piece.length);
        count >= 0;
        count = stream.read(piece, 0, piece.length)) {
      whole.write(piece, 0, count);
      if (whole.size() > PICTURE_MAX) {
        throw new ProtocolException("libvirt sends a picture of more than 256 MiB");
      }
    }
    return whole.toByteArray();
  }

  /// How a machine's console is taken.
  public enum Console {
    /// As long as nobody else has it.
    FREE(CONSOLE_SAFE),
    /// From whoever has it.
    FORCE(CONSOLE_SAFE | 1);

    private final int flags;

    Console(int flags) {
      this.flags = flags;
    }
  }

  /// Opens the first console of a running machine.
  public DomainConsole console(Domain domain, Console how) throws IOException {
    Wire.Opened opened =
        wire.open(
            Procedure.DOMAIN_OPEN_CONSOLE, domain.arguments().put(Optional.empty()).put(how.flags));
    return new DomainConsole(Objects.requireNonNull(opened.stream()));
  }
}
