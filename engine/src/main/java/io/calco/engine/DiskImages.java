package io.calco.engine;

import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.CreateOptions;
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
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Work on image files that stand for themselves, outside the catalogue. Stateless.
public final class DiskImages {
  private DiskImages() {}

  /// What an image file says of itself.
  ///
  /// @param wrappers what the image is packed in, the outermost first
  /// @param backingFile where the backing reference leads, as an absolute name; the file need not
  ///   be there
  public record Report(
      Path file,
      String format,
      long virtualSize,
      long fileSize,
      long allocatedSize,
      FormatInfo info,
      List<String> wrappers,
      Optional<Path> backingFile) {}

  /// The facts of one image, its header alone read.
  public static Report info(Path file, ImageOptions options) throws IOException {
    try (Image image = Image.open(file, options.with(Access.METADATA))) {
      return report(image);
    }
  }

  /// The facts of an image and of all below it, from the top down.
  public static List<Report> chainInfo(Path file, ImageOptions options) throws IOException {
    try (Image top = Image.open(file, options.with(Access.READ))) {
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
    return new Report(
        image.path(),
        image.format(),
        image.disk().size(),
        image.fileSize(),
        image.allocatedSize(),
        info,
        image.wrappers(),
        backing);
  }

  /// Lays out a new image. With a backing image and no size, it gets that one's.
  ///
  /// @param size virtual size in bytes
  /// @throws OperationException when there is neither a size nor a backing image
  public static long create(
      Path file,
      String format,
      OptionalLong size,
      Optional<BackingReference> backing,
      Map<String, String> options,
      Optional<Passphrase> passphrase,
      OpenPolicy policy)
      throws IOException {
    long bytes = size.isPresent() ? size.getAsLong() : sizeOfBacking(file, backing, policy);
    Optional<BackingReference> stated = backing.map(DiskImages::withFormat);
    Path target = TargetFile.of(file);
    BesideFile.sweep(target.resolveSibling(""));
    try (NewImage made =
        NewImage.create(target, format, new CreateOptions(bytes, stated, options, passphrase))) {
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

  private static long sizeOfBacking(
      Path file, Optional<BackingReference> backing, OpenPolicy policy) throws IOException {
    BackingReference reference =
        backing.orElseThrow(() ->
            new OperationException(
                OperationException.Kind.USAGE, file + ": a size is needed, such as 20G"));
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
    try (Image a = Image.open(one, oneOptions.with(Access.READ));
        Image b = Image.open(other, otherOptions.with(Access.READ))) {
      return new Comparison(
          a.disk().size(), b.disk().size(), DiskCompare.firstDifference(a.disk(), b.disk(), job));
    }
  }

  /// Checks an image's metadata; never writes.
  public static VerifyReport verify(Path file, ImageOptions options, JobContext job)
      throws IOException {
    try (Image image = Image.open(file, options.with(Access.METADATA))) {
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
  public static void map(Path file, ImageOptions options, MapEntry.Sink sink) throws IOException {
    try (Image image = Image.open(file, options.with(Access.READ))) {
      MapEntry.walk(image, sink);
    }
  }

  /// Changes an image's virtual size.
  ///
  /// @param size what the user asked for: `20G`, `+5G`, `-1G`
  /// @param allowShrink the user knows that what lies beyond the new end is lost
  /// @return the new size in bytes
  public static long resize(Path file, ImageOptions options, SizeChange size, Shrink allowShrink)
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
      image.disk().sync();
      return next;
    }
  }

  /// Whether a disk may become smaller.
  public enum Shrink {
    REFUSE,
    ALLOW
  }
}
