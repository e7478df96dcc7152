package io.calco.fs.ntfs;

import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// How a file looks to one who knows POSIX: kind, owner, mode, links.
///
/// @param status all that
/// @param target where it points, when it is a link
/// @param reparse its reparse point
record PosixFile(FileStatus status, Optional<String> target, Optional<ReparsePoint> reparse) {
  private static final int MAX_EAS = 1 << 16; // the specification's
  private static final int MAX_INTERIX = 16 + 2 * 4096; // ours: bytes in an Interix link
  private static final byte[] INTERIX_LINK = "IntxLNK\1".getBytes(StandardCharsets.ISO_8859_1);

  static PosixFile of(NtfsFile file) throws IOException {
    Volume volume = file.volume();
    Optional<ReparsePoint> reparse = Optional.empty();
    if ((file.standard(StandardInformation.FLAGS) & StandardInformation.REPARSE) != 0) {
      Optional<Content> content = file.find(AttributeType.REPARSE_POINT, "");
      if (content.isPresent()) {
        byte[] value =
            volume.reader.readAll(content.get(), 8 + ReparsePoint.MAX_SIZE, "reparse point");
        reparse = Optional.of(ReparsePoint.parse(value));
      }
    }
    FileType plain = file.isDirectory() ? FileType.DIRECTORY : FileType.REGULAR;
    FileType type = reparse.isPresent() ? reparse.get().type(plain) : plain;
    Optional<String> target =
        type == FileType.SYMBOLIC_LINK ? reparse.flatMap(ReparsePoint::target) : Optional.empty();
    if (type == FileType.REGULAR) {
      target = interixLink(file);
      type = target.isPresent() ? FileType.SYMBOLIC_LINK : type;
    }
    return new PosixFile(status(file, type, target), target, reparse);
  }

  /// Links as Interix made them and ntfs-3g does: a system file with a magic and the target.
  private static Optional<String> interixLink(NtfsFile file) throws IOException {
    if ((file.standard(StandardInformation.FLAGS) & StandardInformation.SYSTEM) == 0) {
      return Optional.empty();
    }
    Content data = file.data();
    if (data.size() <= INTERIX_LINK.length || data.size() > MAX_INTERIX || data.isEncrypted()) {
      return Optional.empty();
    }
    byte[] bytes = file.volume().reader.readAll(data, MAX_INTERIX, "Interix link");
    return Arrays.equals(bytes, 0, 8, INTERIX_LINK, 0, 8)
        ? Optional.of(Utf16.decode(bytes, 8, (bytes.length - 8) / 2))
        : Optional.empty();
  }

  private static FileStatus status(NtfsFile file, FileType type, Optional<String> target)
      throws IOException {
    long size = 0;
    long allocated = 0;
    if (target.isPresent()) {
      size = GuestNames.encode(target.get()).length;
    } else if (type == FileType.REGULAR) {
      Content data = file.data();
      size = data.size();
      allocated = data.runs().allocated() << file.volume().boot.clusterBits();
    }
    int links = 0;
    for (FileName name : file.fileNames()) {
      links += name.namespace() == FileName.DOS ? 0 : 1;
    }
    SequencedMap<String, byte[]> eas = linuxAttributes(file);
    return new FileStatus(
        file.number(),
        type,
        size,
        number(eas, "$LXMOD", 0777) & 07777,
        number(eas, "$LXUID", 0),
        number(eas, "$LXGID", 0),
        Math.max(1, links),
        StandardInformation.instant(file.standard64(StandardInformation.CHANGED)),
        allocated);
  }

  private static int number(SequencedMap<String, byte[]> eas, String name, int otherwise) {
    byte[] value = eas.get(name);
    return value == null || value.length != 4 ? otherwise : LittleEndian.s32(value, 0);
  }

  /// The extended attributes in which Windows' Subsystem for Linux keeps owner and mode.
  private static SequencedMap<String, byte[]> linuxAttributes(NtfsFile file) throws IOException {
    SequencedMap<String, byte[]> found = new LinkedHashMap<>();
    Optional<Content> content = file.find(AttributeType.EA, "");
    if (content.isEmpty()) {
      return found;
    }
    byte[] eas = file.volume().reader.readAll(content.get(), MAX_EAS, "extended attributes");
    for (int at = 0; at + 8 <= eas.length; ) {
      long step = LittleEndian.u32(eas, at);
      int name = LittleEndian.u8(eas, at + 5);
      int value = LittleEndian.u16(eas, at + 6);
      if (at + 9L + name + value > eas.length) {
        break;
      }
      found.put(
          new String(eas, at + 8, name, StandardCharsets.ISO_8859_1),
          Arrays.copyOfRange(eas, at + 9 + name, at + 9 + name + value));
      if (step < 9 || step > eas.length - at) {
        break;
      }
      at += (int) step;
    }
    return found;
  }
}
