package io.calco.engine.backup;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.ChangeApplier;
import io.calco.guest.Draft;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestTree;
import io.calco.guest.boot.BootImages;
import io.calco.guest.boot.UuidMentions;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// New identities of a disk and its partitions (PTUUID, PARTUUID), written wherever the guest's
/// files name the old ones.
final class NewIdentities {
  private NewIdentities() {}

  /// Refuses a disk that would not start any more: where something names an identity that only the
  /// running guest could write anew.
  ///
  /// @param disk the point's
  /// @throws OperationException REFUSED, and by what
  static void check(Disk disk, VolumeKeys keys, Path target) throws IOException {
    PartitionTable table =
        PartitionTable.find(disk)
            .orElseThrow(() -> refused(target, "the disk has no partition table"));
    try (GuestDisk guest = GuestDisk.openReadOnly(disk, keys)) {
      Optional<GuestTree> tree = guest.tree();
      if (tree.isEmpty()) {
        if (!guest.locked().isEmpty()) {
          throw refused(
              target,
              "%s is encrypted, and may name them".formatted(guest.locked().getFirst().describe()));
        }
        return;
      }
      if (tree.get().isWindows()) {
        throw refused(target, "Windows' boot configuration (BCD) names them");
      }
      BootImages.Mentions mentions = BootImages.mentions(tree.get(), forms(table).keySet());
      if (!mentions.texts().isEmpty()) {
        Map.Entry<String, ?> first = mentions.texts().entrySet().iterator().next();
        throw refused(target, first.getKey() + " names " + first.getValue());
      }
      if (!mentions.unreadable().isEmpty()) {
        throw refused(
            target, mentions.unreadable().getFirst() + " cannot be looked into, and may name them");
      }
    } catch (DiskException e) {
      throw refused(target, "what names them cannot be found: " + e.getMessage());
    }
  }

  private static OperationException refused(Path target, String why) {
    return new OperationException(
        Kind.REFUSED,
        "%s: the disk keeps its identities: %s".formatted(target, why),
        "leave out --new-ids");
  }

  /// The identities of a table, as files write them.
  private static Map<String, Integer> forms(PartitionTable table) {
    Map<String, Integer> forms = new TreeMap<>();
    table.uuid().ifPresent(uuid -> forms.put(uuid, 0));
    for (Partition partition : table.partitions()) {
      partition
          .uuid()
          .ifPresent(uuid -> forms.put(uuid.toLowerCase(Locale.ROOT), partition.number()));
    }
    return forms;
  }

  /// Gives a disk new ones.
  ///
  /// @param disk writable; one that [#check] let pass, or one like it
  /// @return what was done, for a person
  static List<String> apply(Disk disk, VolumeKeys keys, JobContext job) throws IOException {
    PartitionTable before = PartitionTable.find(disk).orElseThrow();
    PartitionTable after = before.renewIdentity(disk);
    Map<String, String> renamed = new TreeMap<>();
    forms(before)
        .forEach((old, number) -> {
          Optional<String> now =
              number == 0 ? after.uuid() : after.find(number).flatMap(Partition::uuid);
          now.ifPresent(uuid -> renamed.put(old, uuid));
        });
    List<String> mended = mend(disk, keys, renamed, job);
    String told = "the disk is now " + after.uuid().orElse("(nameless)");
    return mended.isEmpty()
        ? List.of(told)
        : List.of(told, "names the new identities: " + String.join(", ", mended));
  }

  private static List<String> mend(
      Disk disk, VolumeKeys keys, Map<String, String> renamed, JobContext job) throws IOException {
    try (GuestDisk seen = GuestDisk.openReadOnly(disk, keys)) {
      if (seen.tree().isEmpty()) {
        return List.of();
      }
      Draft draft = new Draft(seen.requireTree(), List.of(), Instant.now());
      if (UuidMentions.mend(draft, renamed).isEmpty()) {
        return List.of(); // and its file systems need not be ones that we write
      }
    }
    try (GuestDisk guest = GuestDisk.openWritable(disk, keys)) {
      GuestTree tree = guest.requireTree();
      Draft draft = new Draft(tree, List.of(), Instant.now());
      List<String> mended = UuidMentions.mend(draft, renamed);
      new ChangeApplier(tree, job).apply(draft.takeSection().changes());
      return mended;
    }
  }
}
