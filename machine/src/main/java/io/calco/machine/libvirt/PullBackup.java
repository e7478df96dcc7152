package io.calco.machine.libvirt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/// A backup of a running machine in which the disks are read by whoever wants them, as they were
/// when it began: `formatbackup.html`, mode `pull`, and `formatcheckpoint.html`.
///
/// @param socket where the machine's NBD server listens, a Unix socket's path of at most 107 bytes
///   that QEMU may bind
/// @param checkpoint the name of the checkpoint that is made at the same instant, of the disks that
///   are tracked
/// @param disks which are read, at least one
/// @param others the machine's other disks
public record PullBackup(Path socket, String checkpoint, List<Disk> disks, List<String> others) {
  /// Copies the lists.
  public PullBackup {
    disks = List.copyOf(disks);
    others = List.copyOf(others);
  }

  /// A disk that is read. Its export has its name.
  ///
  /// @param target its place in the machine: `vda`
  /// @param since the checkpoint since which what was written is told, as a bitmap that has the
  ///   disk's name
  /// @param tracked whether the new checkpoint is of this disk, too; only qcow2 files can remember
  ///   one
  /// @param scratch where QEMU keeps what the machine overwrites meanwhile: a file that is not
  ///   there, which libvirt makes and deletes
  public record Disk(String target, Optional<String> since, boolean tracked, Path scratch) {}

  /// For libvirt.
  String backupXml() {
    Document document = root("domainbackup");
    Element backup = document.getDocumentElement();
    backup.setAttribute("mode", "pull");
    XmlText.add(backup, "server", "transport", "unix", "socket", socket.toString());
    Element all = XmlText.add(backup, "disks");
    for (Disk disk : disks) {
      Element one =
          XmlText.add(
              all,
              "disk",
              "name",
              disk.target(),
              "backup",
              "yes",
              "type",
              "file",
              "exportname",
              disk.target(),
              "backupmode",
              disk.since().isPresent() ? "incremental" : "full");
      disk.since()
          .ifPresent(since -> {
            one.setAttribute("incremental", since);
            one.setAttribute("exportbitmap", disk.target());
          });
      XmlText.add(one, "scratch", "file", disk.scratch().toString());
    }
    others.forEach(target -> XmlText.add(all, "disk", "name", target, "backup", "no"));
    return XmlText.print(document);
  }

  /// For libvirt; empty when no disk is tracked.
  Optional<String> checkpointXml() {
    if (disks.stream().noneMatch(Disk::tracked)) {
      return Optional.empty();
    }
    Document document = root("domaincheckpoint");
    Element made = document.getDocumentElement();
    XmlText.add(made, "name").setTextContent(checkpoint);
    Element all = XmlText.add(made, "disks");
    for (Disk disk : disks) {
      XmlText.add(
          all, "disk", "name", disk.target(), "checkpoint", disk.tracked() ? "bitmap" : "no");
    }
    others.forEach(target -> XmlText.add(all, "disk", "name", target, "checkpoint", "no"));
    return Optional.of(XmlText.print(document));
  }

  private static Document root(String name) {
    try {
      return XmlText.parse("<%s/>".formatted(name));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
