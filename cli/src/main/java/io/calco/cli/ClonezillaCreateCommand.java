package io.calco.cli;

import io.calco.backup.clonezilla.ClonezillaOptions;
import io.calco.backup.clonezilla.ClonezillaPlan;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.disk.wrap.Compression;
import io.calco.engine.OperationException;
import io.calco.engine.clonezilla.ClonezillaSets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `calco clonezilla create`.
final class ClonezillaCreateCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Value<Packing> packing =
      words.option(
          "--compress",
          "KIND",
          Packing.class,
          "zst",
          "How streams are packed: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).");

  private final Value<Long> split =
      words.option(
          "--split",
          "MB",
          Long.class,
          "0",
          "Cut streams into files of at most so many megabytes of 1,000,000 bytes, as Clonezilla"
              + " counts: 4000 for FAT; 0 for no limit (default: ${DEFAULT-VALUE}).");

  private final Value<String> name =
      words.option(
          "--disk-name",
          "NAME",
          String.class,
          "sda",
          "What the disk is called in the image, which is where Clonezilla restores it to unless it"
              + " is told otherwise: sda, vda, nvme0n1 (default: ${DEFAULT-VALUE}).");

  private final Flag dryRun =
      words.flag("-n, --dry-run", "Only tell what would be saved, and how; write nothing.");

  private final Value<Path> disk = words.parameter("DISK", Path.class, "The disk's image.");

  private final Value<Path> target =
      words.parameter("DIR", Path.class, "The new directory; must not be there.");

  /// Kinds of packing under Clonezilla's names.
  enum Packing {
    zst,
    gz,
    lz4,
    uncomp;

    Optional<Compression> compression() {
      return switch (this) {
        case zst -> Optional.of(Compression.ZST);
        case gz -> Optional.of(Compression.GZ);
        case lz4 -> Optional.of(Compression.LZ4);
        case uncomp -> Optional.empty();
      };
    }
  }

  ClonezillaCreateCommand() {
    super(
        "create",
        "Save a disk to a directory that Clonezilla restores.",
        "Saves the used blocks of ext2 to ext4, NTFS, FAT, exFAT, XFS, Btrfs and F2FS, LVM2's"
            + " logical volumes one by one, all bytes of anything else. The directory appears when it"
            + " is whole; put it in Clonezilla's repository, and restore it with restoredisk.");
    words.examples(
        "calco clonezilla create vm.qcow2 /home/partimag/web1",
        "calco clonezilla create --compress gz --split 4000 vm.vmdk /media/usb/web1",
        "calco clonezilla create --dry-run vm.qcow2 web1");
  }

  @Override
  int run() throws IOException {
    ClonezillaOptions how = how();
    if (dryRun.given()) {
      tell(ClonezillaSets.plan(disk.get(), source.options(), how));
      return ExitCode.DONE;
    }
    List<String> remarks;
    try (Progress progress = progress()) {
      remarks = ClonezillaSets.create(disk.get(), source.options(), target.get(), how, progress);
    }
    if (json()) {
      Json.print(
          out(), Json.object().put("directory", target.get().toString()).put("remarks", remarks));
    } else {
      remarks.forEach(remark -> say(Text.safe(remark)));
    }
    return ExitCode.DONE;
  }

  private ClonezillaOptions how() {
    if (!ClonezillaOptions.isDiskName(name.get())) {
      throw new OperationException(
          OperationException.Kind.USAGE,
          "--disk-name %s: is no name of a disk that Clonezilla knows".formatted(name.get()),
          "such as sda, vda, nvme0n1");
    }
    if (split.get() < 0 || split.get() > 1_000_000_000) {
      throw new OperationException(
          OperationException.Kind.USAGE, "--split %d: 0 or more is needed".formatted(split.get()));
    }
    return ClonezillaOptions.defaults()
        .withDisk(name.get())
        .with(packing.get().compression())
        .withSplit(split.get());
  }

  private void tell(ClonezillaPlan plan) {
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put(
                  "items",
                  plan.items().stream()
                      .map(item ->
                          Json.object()
                              .put("device", item.device())
                              .put("content", ClonezillaCommand.name(item.content()))
                              .put("holds", item.holds())
                              .put("bytes", item.bytes()))
                      .toList())
              .put("remarks", plan.remarks()));
      return;
    }
    Table table = new Table("DEVICE", "HOLDS", "KEPT AS", "READ");
    for (ClonezillaPlan.Item item : plan.items()) {
      table.add(
          item.device(),
          item.holds(),
          ClonezillaCommand.kept(item.content()),
          item.bytes() == 0 ? "" : Text.size(item.bytes()));
    }
    table.print(out());
    plan.remarks().forEach(remark -> say(Text.safe(remark)));
  }
}
