package io.calco.machine.libvirt;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.w3c.dom.Element;

/// Backups of running machines, and checkpoints: the instants since which it is known what was
/// written. Safe for several threads.
public final class DomainBackups {
  private static final int METADATA_ONLY = 2;
  private static final Duration ENDING = Duration.ofMinutes(2); // ours
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Wire wire;

  DomainBackups(Wire wire) {
    this.wire = wire;
  }

  /// Begins a backup, and makes its checkpoint at the same instant. It lasts until [#end], whatever
  /// becomes of this connection.
  public void begin(Domain domain, PullBackup backup) throws IOException {
    wire.call(
        Procedure.DOMAIN_BACKUP_BEGIN,
        domain.arguments().put(backup.backupXml()).put(backup.checkpointXml()).put(0));
  }

  /// A backup that is going on, whoever began it.
  ///
  /// @param socket where its server listens, when that is a Unix socket
  public record Running(Optional<Path> socket) {}

  /// The backup that a running machine is in.
  public Optional<Running> running(Domain domain) throws IOException {
    try {
      String xml =
          wire.call(Procedure.DOMAIN_BACKUP_GET_XML_DESC, domain.arguments().put(0)).readString();
      Element backup = XmlText.parse(xml).getDocumentElement();
      return Optional.of(new Running(XmlText.attribute(backup, "server", "socket").map(Path::of)));
    } catch (LibvirtException e) {
      if (e.reason() == LibvirtException.Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// True while a running machine is in any long work of libvirt's: a backup, also one that is just
  /// beginning or ending, a migration, a dump.
  public boolean busy(Domain domain) throws IOException {
    int none = 0; // VIR_DOMAIN_JOB_NONE
    int internal = 1; // VIR_ERR_INTERNAL_ERROR
    try {
      return wire.call(Procedure.DOMAIN_GET_JOB_INFO, domain.arguments()).readInt() != none;
    } catch (LibvirtException e) {
      if (e.code() == internal) { // "backup job data missing": of one that is just beginning
        return true;
      }
      throw e;
    }
  }

  /// Ends a backup, and waits until it has; nobody may read its disks any more. Does nothing when
  /// there is none.
  ///
  /// @throws IOException when it has not ended in two minutes
  public void end(Domain domain) throws IOException {
    long begun = System.nanoTime();
    boolean asked = false;
    Duration pause = Duration.ofMillis(1);
    while (running(domain).isPresent()) {
      if (!asked) {
        wire.call(Procedure.DOMAIN_ABORT_JOB, domain.arguments());
        asked = true;
      } else if (System.nanoTime() - begun > ENDING.toNanos()) {
        throw new IOException(
            "machine %s: its backup does not end: virsh domjobabort %s"
                .formatted(domain.name(), domain.name()));
      } else {
        pause(pause);
        pause = pause.multipliedBy(2).compareTo(PAUSE) < 0 ? pause.multipliedBy(2) : PAUSE;
      }
    }
  }

  /// Waits a little, before asking again.
  public static void pause() throws InterruptedIOException {
    pause(PAUSE);
  }

  private static void pause(Duration duration) throws InterruptedIOException {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  /// The names of a machine's checkpoints.
  public List<String> checkpoints(Domain domain) throws IOException {
    return wire.call(Procedure.DOMAIN_LIST_ALL_CHECKPOINTS, domain.arguments().put(1).put(0))
        .readList(XdrReader.LIST_MAX, DomainBackups::readName);
  }

  private static String readName(XdrReader reader) throws ProtocolException {
    String name = reader.readString();
    Domain.read(reader);
    return name;
  }

  /// What of a checkpoint is deleted.
  public enum Extent {
    /// It, and what the disks remember for it. The machine must run.
    WHOLE(0),
    /// What libvirt knows of it.
    METADATA(METADATA_ONLY);

    private final int flags;

    Extent(int flags) {
      this.flags = flags;
    }
  }

  /// Deletes a checkpoint; those before and behind it stay.
  public void delete(Domain domain, String checkpoint, Extent extent) throws IOException {
    XdrWriter arguments = new XdrWriter().put(checkpoint);
    wire.call(Procedure.DOMAIN_CHECKPOINT_DELETE, domain.putTo(arguments).put(extent.flags));
  }

  /// Has the guest's agent write everything to the disks and hold all file systems still, until
  /// [#thaw].
  ///
  /// @return how many file systems
  /// @throws LibvirtException when there is no agent, it does not answer, or it fails
  public int freeze(Domain domain) throws IOException {
    return wire.call(Procedure.DOMAIN_FSFREEZE, domain.arguments().put(0).put(0)).readInt();
  }

  /// Has the guest's agent let all file systems go on.
  ///
  /// @return how many were held
  public int thaw(Domain domain) throws IOException {
    return wire.call(Procedure.DOMAIN_FSTHAW, domain.arguments().put(0).put(0)).readInt();
  }
}
