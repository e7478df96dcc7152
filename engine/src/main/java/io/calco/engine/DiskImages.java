package io.calco.engine;

import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCompare;
import io.calco.disk.FormatInfo;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.disk.MapEntry;
import io.calco.disk.NewImage;
import io.calco.disk.OpenPolicy;
import io.calco.disk.Passphrase;
import io.calco.disk.RepairScope;
import io.calco.disk.VerifyReport;
import io.calco.disk.ami.MachineImage;
import io.calco.disk.iso.IsoVolume;
import io.calco.sys.NativeAccess;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Work on image files that stand for themselves, outside the catalogue; what is only read may be
/// what an NBD server serves ([NamedImages]). Stateless.
public final class DiskImages {
  private static final int ZERO_PIECE = 1 << 20;

  private DiskImages() {}

  /// Begins, in the background, what the first file opened would wait for. For the start of a
  /// program that will work with disks; returns at once.
  public static void prepare() {
    NativeAccess.prepare();
  }

  /// What an image file says of itself.
  ///
  /// @param wrappers what the image is packed in, the outermost first
  /// @param backingFile where the backing reference leads, as an absolute name; the file need not
  ///   be there
  /// @param disc the ISO 9660 volume that a raw image is
  /// @param machine the machine image in three files that the file is part of
  public record Report(
      Path file,
      String format,
      long virtualSize,
      long fileSize,
      long allocatedSize,
      FormatInfo info,
      List<String> wrappers,
      Optional<Path> backingFile,
      Optional<IsoVolume> disc,
      Optional<MachineImage> machine) {}

  /// The facts of one image, its header alone read.
  public static Report info(Path file, ImageOptions options) throws IOException {
    try (Image image = NamedImages.open(file, options.with(Access.METADATA))) {
      return report(image);
    }
  }

  /// The facts of an image and of all below it, from the top down.
  public static List<Report> chainInfo(Path file, ImageOptions options) throws IOException {
    try (Image top = NamedImages.open(file, options.with(Access.READ))) {
      List<Report> reports = new ArrayList<>();
      for (Image image : top.chain()) {
        reports.add(report(image));
      }
      return reports;
    }
  }

  static Report report(Image image) throws IOException {
    FormatInfo info = image.info();
    Optional<Path> backing =
        info.backing().map(reference -> image.path().resolveSibling(reference.name()));
    boolean raw = image.format().equals("raw");
    return new Report(
        image.path(),
        image.format(),
        image.disk().size(),
        image.fileSize(),
        image.allocatedSize(),
        info,
        image.wrappers(),
        backing,
        raw ? IsoVolume.find(image.disk()) : Optional.empty(),
        raw ? MachineImage.containing(image.path()) : Optional.empty());
  }

  /// The machine images in three files that a directory holds, by name.
  ///
  /// @throws OperationException when there are none
  public static List<MachineImage> machines(Path directory) throws IOException {
    List<MachineImage> found = MachineImage.in(directory);
    if (found.isEmpty()) {
      throw new OperationException(
          OperationException.Kind.UNSUPPORTED,
          directory + ": is a directory that holds no machine image",
          "there would be a kernel and a file system without partitions; name an image's file");
    }
    return found;
  }

  /// What a new image will be.
  ///
  /// @param size virtual size in bytes
  /// @param below whether the backing image is looked at
  /// @param options the format's own
  /// @param passphrase what will open it, if its options ask for encryption
  public record NewDisk(
      String format,
      OptionalLong size,
      Optional<BackingReference> backing,
      Below below,
      Map<String, String> options,
      Optional<Passphrase> passphrase) {}

  /// Whether a new image's backing image is looked at.
  public enum Below {
    /// It must be there, and be what is said of it.
    OPENED,
    /// It may come later.
    TRUSTED
  }

  /// Lays out a new image. With a backing image and no size, it gets that one's.
  ///
  /// @return its virtual size in bytes
  /// @throws OperationException when there is neither a size nor a backing image
  public static long create(Path file, NewDisk disk, OpenPolicy policy) throws IOException {
    Optional<BackingReference> stated = disk.backing().map(DiskImages::withFormat);
    long bytes;
    if (stated.isPresent() && disk.below() == Below.OPENED) {
      long below = sizeOfBacking(file, stated.get(), policy);
      bytes = disk.size().orElse(below);
    } else {
      bytes =
          disk.size()
              .orElseThrow(() ->
                  new OperationException(
                      OperationException.Kind.USAGE, file + ": a size is needed, such as 20G"));
    }
    Path target = TargetFile.of(file);
    BesideFile.sweep(target.resolveSibling(""));
    try (NewImage made =
        NewImage.create(
            target,
            disk.format(),
            new CreateOptions(bytes, stated, disk.options(), disk.passphrase()))) {
      made.publish(BesideFile.Durability.LEFT_TO_THE_SYSTEM);
    }
    return bytes;
  }

  private static BackingReference withFormat(BackingReference reference) {
    if (reference.format().isEmpty()) {
      throw new OperationException(
          OperationException.Kind.USAGE,
          "the backing image's format must be stated",
          "add -F qcow2 or -F raw: a guest could forge what probing would find");
    }
    return reference;
  }

  private static long sizeOfBacking(Path file, BackingReference reference, OpenPolicy policy)
      throws IOException {
    Path below = file.toAbsolutePath().resolveSibling(reference.name());
    ImageOptions options =
        new ImageOptions(reference.format(), Access.METADATA, policy, Optional.empty());
    return info(below, options).virtualSize();
  }

  /// What comparing two images found.
  ///
  /// @param firstDifference the first byte that differs, if any does
  public record Comparison(long size, long otherSize, OptionalLong firstDifference) {}

  /// Compares what guests would see in two images; the shorter is taken as followed by zeroes.
  public static Comparison compare(
      Path one, ImageOptions oneOptions, Path other, ImageOptions otherOptions, JobContext job)
      throws IOException {
    try (Image a = NamedImages.open(one, oneOptions.with(Access.READ));
        Image b = NamedImages.open(other, otherOptions.with(Access.READ))) {
      return new Comparison(
          a.disk().size(), b.disk().size(), DiskCompare.firstDifference(a.disk(), b.disk(), job));
    }
  }

  /// Checks an image's metadata; never writes.
  ///
  /// @throws io.calco.disk.DiskInUseException when somebody writes it, unless the options bear that
  public static VerifyReport verify(Path file, ImageOptions options, JobContext job)
      throws IOException {
    try (Image image = Image.open(file, options.with(Access.VERIFY))) {
      return image.verify(job);
    }
  }

  /// Mends an image's metadata.
  public static VerifyReport repair(
      Path file, ImageOptions options, RepairScope what, JobContext job) throws IOException {
    try (Image image = Image.open(file, options.with(Access.REPAIR))) {
      return image.repair(what, job);
    }
  }

  /// Walks the runs of an image's disk and tells where in the chain each lies.
  ///
  /// @param start the first guest byte to tell of; beyond the end there is nothing to tell
  /// @param maxLength how many bytes to tell of; what lies beyond the end does not count
  public static void map(
      Path file, ImageOptions options, long start, long maxLength, MapEntry.Sink sink)
      throws IOException {
    try (Image image = NamedImages.open(file, options.with(Access.READ))) {
      MapEntry.walk(image, start, maxLength, sink);
    }
  }

  /// Changes an image's virtual size.
  ///
  /// @param size what the user asked for: `20G`, `+5G`, `-1G`
  /// @param allowShrink the user knows that what lies beyond the new end is lost
  /// @param added what the image holds for the guest bytes that are added
  /// @return the new size in bytes
  public static long resize(
      Path file,
      ImageOptions options,
      SizeChange size,
      Shrink allowShrink,
      Added added,
      JobContext job)
      throws IOException {
    try (Image image = Image.open(file, options.with(Access.WRITE))) {
      long now = image.disk().size();
      long next = size.from(now);
      if (next < now && allowShrink == Shrink.REFUSE) {
        throw new OperationException(
            OperationException.Kind.REFUSED,
            "%s: shrinking from %d to %d bytes would lose what lies beyond"
                .formatted(file, now, next),
            "add --shrink after shrinking the partitions in it");
      }
      image.disk().resize(next);
      if (added == Added.WRITTEN) {
        writeZeroes(image.disk(), now, next, job);
      }
      image.disk().sync();
      return next;
    }
  }

  private static void writeZeroes(Disk disk, long from, long to, JobContext job)
      throws IOException {
    MemorySegment zeroes = MemorySegment.ofArray(new byte[ZERO_PIECE]);
    for (long at = from; at < to; ) {
      job.checkCancelled();
      job.progress("writing zeroes", at - from, to - from);
      long length = Math.min(ZERO_PIECE - at % ZERO_PIECE, to - at);
      disk.write(at, zeroes.asSlice(0, length));
      at += length;
    }
  }

  /// What an image holds for guest bytes that are added.
  public enum Added {
    /// Nothing: they take host space when they are written.
    HOLE,
    /// Zeroes, for which host space is taken at once.
    WRITTEN
  }

  /// Whether a disk may become smaller.
  public enum Shrink {
    REFUSE,
    ALLOW
  }
}
