package io.calco.guest;

import io.calco.fs.FileAttributes;
import io.calco.fs.FileType;
import io.calco.volume.lvm.LvmUuid;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// One thing that will be done to a guest. Paths are canonical in the [GuestTree]: absolute, no
/// symbolic link but perhaps the last name.
public sealed interface Change {

  /// The file that changes.
  String path();

  /// Takes away a file, link, device node or, once its entries are gone, a directory.
  ///
  /// @param type what it is
  /// @param size bytes in it; 0 for all but regular files
  record Remove(String path, FileType type, long size) implements Change {}

  /// Takes away a regular file's content; owner, mode and labels stay.
  ///
  /// @param size bytes it held
  record Empty(String path, long size) implements Change {}

  /// Makes a regular file where there is none.
  ///
  /// @param label SELinux context, as `security.selinux` holds it without its closing zero
  record Create(String path, Content content, FileAttributes attributes, Optional<String> label)
      implements Change {}

  /// Gives a regular file other content; extended attributes stay.
  ///
  /// @param oldSize bytes it held
  record Replace(String path, Content content, FileAttributes attributes, long oldSize)
      implements Change {}

  /// Makes a directory where there is none; its parent is there by then.
  ///
  /// @param label SELinux context
  record CreateDirectory(String path, FileAttributes attributes, Optional<String> label)
      implements Change {}

  /// Makes a symbolic link where there is nothing.
  ///
  /// @param target what it says, not resolved
  /// @param label SELinux context
  record CreateLink(String path, String target, FileAttributes attributes, Optional<String> label)
      implements Change {}

  /// Gives a file system another UUID.
  ///
  /// @param path where it is mounted
  /// @param uuid as [io.calco.fs.FileSystem#setUuid] takes it
  /// @param text as the guest's files will write it
  record SetUuid(String path, UUID uuid, String text) implements Change {}

  /// Gives a volume group of LVM2's and its physical volumes other UUIDs.
  ///
  /// @param path `/dev/` and the group's name
  /// @param group the group's; empty when it keeps its own
  /// @param physical one for each physical volume, in the group's order
  record SetGroupUuids(String path, Optional<LvmUuid> group, List<LvmUuid> physical)
      implements Change {
    /// Copies the list.
    public SetGroupUuids {
      physical = List.copyOf(physical);
    }
  }

  /// Gives a LUKS volume another UUID.
  ///
  /// @param path `/dev/disk/by-uuid/` and the old one
  /// @param old the volume's
  /// @param uuid what it gets
  record SetLuksUuid(String path, String old, UUID uuid) implements Change {}

  /// The word for it, as JSON and listings have it: `remove`, `empty`, `create`, `replace`,
  /// `create-directory`, `create-link`, `set-uuid`, `set-lvm-uuids`, `set-luks-uuid`.
  default String action() {
    return switch (this) {
      case Remove _ -> "remove";
      case Empty _ -> "empty";
      case Create _ -> "create";
      case Replace _ -> "replace";
      case CreateDirectory _ -> "create-directory";
      case CreateLink _ -> "create-link";
      case SetUuid _ -> "set-uuid";
      case SetGroupUuids _ -> "set-lvm-uuids";
      case SetLuksUuid _ -> "set-luks-uuid";
    };
  }

  /// Bytes of content that the change takes away.
  default long bytesRemoved() {
    return switch (this) {
      case Remove(_, _, long size) -> size;
      case Empty(_, long size) -> size;
      case Replace(_, _, _, long oldSize) -> oldSize;
      case Create _, CreateDirectory _, CreateLink _, SetUuid _, SetGroupUuids _, SetLuksUuid _ ->
          0;
    };
  }

  /// One line for a person: the word, the path made printable, and a link's target or the UUID.
  default String describe() {
    String line = action() + " " + PrintableText.of(path());
    return switch (this) {
      case CreateLink(_, String target, _, _) -> line + " -> " + PrintableText.of(target);
      case SetUuid(_, _, String text) -> line + " " + text;
      case SetLuksUuid(_, _, UUID uuid) -> line + " " + uuid;
      case SetGroupUuids(_, var group, var physical) ->
          "%s %s and %d physical volumes"
              .formatted(line, group.map(LvmUuid::text).orElse("keeps its own"), physical.size());
      default -> line;
    };
  }
}
