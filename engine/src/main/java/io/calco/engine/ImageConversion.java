package io.calco.engine;

import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.BesideFile.Durability;
import io.calco.disk.Closing;
import io.calco.disk.CopyOptions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCopy;
import io.calco.disk.FileStream;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageFormats;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.disk.NewImage;
import io.calco.disk.OpenPolicy;
import io.calco.disk.Passphrase;
import io.calco.disk.RateLimit;
import io.calco.disk.UnwrapOptions;
import io.calco.disk.wrap.Compression;
import io.calco.disk.wrap.StreamedFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/// Copies images to another format: one or several after each other, into a new image, one that is
/// there, or a stream. Stateless.
public final class ImageConversion {
  /// Standard input, where a source is named.
  private static final Path STANDARD = Path.of("-");

  private ImageConversion() {}

  /// An image to read: `-` for standard input, a path, or the address of what an NBD server serves.
  public record Source(Path file, ImageOptions options) {}

  /// What the target is before the copy.
  public enum Target {
    /// It is made, and appears under its name when it is complete, replacing a file that was there.
    NEW,
    /// It is written as it is: a device, or an image made before.
    EXISTING,
    /// Likewise, and all of it reads as zeroes.
    EXISTING_ZERO
  }

  /// What is done about bytes that cannot be read.
  public enum Damage {
    /// The copy fails.
    FAIL,
    /// They become zeroes, and are counted.
    SALVAGE
  }

  /// Which of the source's dirty bitmaps the target gets.
  public enum Bitmaps {
    NONE,
    /// All; one that is not consistent fails the copy before it begins.
    ALL,
    /// Those that are consistent.
    CONSISTENT
  }

  /// The part of the source that is copied.
  ///
  /// @param offset its first byte; beyond the source's end nothing is copied
  /// @param length its bytes; empty for all that follow
  public record Part(long offset, OptionalLong length) {
    /// All of it.
    public static final Part ALL = new Part(0, OptionalLong.empty());

    private Disk of(Disk disk) {
      long from = Math.min(offset, disk.size());
      return disk.slice(from, Math.min(length.orElse(Long.MAX_VALUE), disk.size() - from));
    }
  }

  /// How images are converted.
  ///
  /// @param part the part of the source that is copied
  /// @param format the target's format; with `.gz` or `.zst`, packed as a whole; `ova` for an
  ///   appliance with one disk
  /// @param backing the target's backing image, whose content the source has too
  /// @param options the target format's own options; an appliance's are those of vmdk, and `name`,
  ///   `cpus`, `memory`, `firmware` and `controller` of the machine
  /// @param passphrase what will open the target, if its options ask for encryption
  /// @param compress write compressed units
  /// @param threads how many work side by side; empty for our choice
  /// @param sparseLength shortest zero run that becomes a hole
  /// @param target what is there already
  /// @param damage what is done about what cannot be read
  /// @param sync return when all is on the medium
  /// @param bitmaps which dirty bitmaps the target gets
  /// @param rate how fast the source is read
  public record Options(
      Part part,
      String format,
      Optional<BackingReference> backing,
      Map<String, String> options,
      Optional<Passphrase> passphrase,
      boolean compress,
      Optional<Integer> threads,
      int sparseLength,
      Target target,
      Damage damage,
      boolean sync,
      Bitmaps bitmaps,
      RateLimit rate) {

    /// All of the source, into a new image with the format's defaults.
    public static Options to(String format) {
      return new Options(
          Part.ALL,
          format,
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          false,
          Optional.empty(),
          4096,
          Target.NEW,
          Damage.FAIL,
          false,
          Bitmaps.NONE,
          RateLimit.of(OptionalLong.empty()));
    }

    /// The same for a part of the source.
    public Options with(Part other) {
      return new Options(
          other,
          format,
          backing,
          options,
          passphrase,
          compress,
          threads,
          sparseLength,
          target,
          damage,
          sync,
          bitmaps,
          rate);
    }

    /// The same with compressed units.
    public Options compressed() {
      return new Options(
          part,
          format,
          backing,
          options,
          passphrase,
          true,
          threads,
          sparseLength,
          target,
          damage,
          sync,
          bitmaps,
          rate);
    }

    private Optional<Compression> packing() {
      return Compression.ofName(format);
    }

    private String bareFormat() {
      return packing()
          .map(kind -> format.substring(0, format.length() - kind.ending().length()))
          .orElse(format);
    }

    private boolean appliance() {
      return bareFormat().equals(Appliance.FORMAT);
    }

    Durability durability() {
      return sync ? Durability.SYNCED : Durability.LEFT_TO_THE_SYSTEM;
    }

    /// True when the target's bytes are written from first to last: it is packed, or its format
    /// knows no other way.
    private boolean laidOut() throws IOException {
      return packing().isPresent() || appliance() || ImageFormats.get(bareFormat()).writtenWhole();
    }

    private CreateOptions layout(long size) {
      return new CreateOptions(size, backing, options, passphrase);
    }
  }

  /// What a conversion did.
  ///
  /// @param size the virtual size in bytes
  /// @param lost bytes that could not be read and became zeroes
  public record Outcome(long size, long lost) {}

  /// The options that a target format knows, with a line of help each; `raw.gz` has raw's.
  public static Map<String, String> targetOptions(String format) throws IOException {
    String bare = Options.to(format).bareFormat();
    return bare.equals(Appliance.FORMAT)
        ? Appliance.options()
        : ImageFormats.get(bare).createOptions();
  }

  /// Converts into a file or device.
  public static Outcome convert(List<Source> sources, Path target, Options how, JobContext job)
      throws IOException {
    if (how.appliance()) {
      requireFreestanding(how);
    }
    if (how.bitmaps() != Bitmaps.NONE && how.laidOut()) {
      throw noBitmaps(how);
    }
    OpenPolicy policy = sources.getFirst().options().policy();
    return reading(
        sources, how, (from, bitmaps) -> convert(from, bitmaps, target, how, policy, job));
  }

  /// Converts a disk into a file or device.
  ///
  /// @param how without bitmaps, of which a disk has none; all of the disk is read as it comes
  public static void convert(Disk from, Path target, Options how, JobContext job)
      throws IOException {
    if (how.appliance()) {
      requireFreestanding(how);
    }
    if (how.bitmaps() != Bitmaps.NONE) {
      throw noBitmaps(how);
    }
    CopiedBitmaps none = CopiedBitmaps.of(List.of(), Bitmaps.NONE);
    convert(from, none, target, how, OpenPolicy.ownDirectory(), job);
  }

  private static void convert(
      Disk from, CopiedBitmaps bitmaps, Path target, Options how, OpenPolicy policy, JobContext job)
      throws IOException {
    if (how.format().equals(Appliance.FORMAT)) {
      new Appliance(from, how.options(), machineName(target)).make(target, how, job);
    } else if (how.laidOut() && how.target() == Target.NEW) {
      makeLaidOut(from, target, how, job);
    } else if (how.target() == Target.NEW) {
      make(from, bitmaps, target, how, policy, job);
    } else {
      overwrite(from, bitmaps, target, how, policy, job);
    }
  }

  /// Converts into a stream, laying the target's bytes out as they are sent.
  ///
  /// @throws io.calco.disk.UnsupportedFeatureException when the format cannot be laid out so
  public static Outcome send(
      List<Source> sources, WritableByteChannel target, Options how, JobContext job)
      throws IOException {
    if (how.appliance()) {
      requireFreestanding(how);
    }
    if (how.bitmaps() != Bitmaps.NONE) {
      throw noBitmaps(how);
    }
    String name = machineName(sources.getFirst().file());
    return reading(sources, how, (from, bitmaps) -> layOut(from, name, target, how, job));
  }

  /// Sends the target's bytes, packed if its format says so: `raw.gz`.
  private static void layOut(
      Disk from, String name, WritableByteChannel target, Options how, JobContext job)
      throws IOException {
    if (how.compress() && !how.appliance()) {
      throw new OperationException(
          OperationException.Kind.UNSUPPORTED,
          "-c does not go with a stream: an image is laid out there before its data is compressed",
          "convert into a file, or pack it as a whole with -O %s.zst".formatted(how.format()));
    }
    if (how.packing().isEmpty() && !how.appliance()) {
      ImageFormats.get(how.bareFormat()).send(from, how.layout(from.size()), target, job);
      return;
    }
    try (HostFile laidOut =
        how.appliance()
            ? new Appliance(from, how.options(), name).layOut(Instant.now(), job)
            : ImageFormats.get(how.bareFormat()).layOut(from, how.layout(from.size()))) {
      if (how.packing().isPresent()) {
        FileStream.copy(laidOut, how.packing().get().coder(), target, job);
      } else {
        FileStream.copy(laidOut, target, job);
      }
    }
  }

  /// An appliance's disk rests on no other, and cannot be written later.
  private static void requireFreestanding(Options how) {
    if (how.target() != Target.NEW || how.backing().isPresent() || how.passphrase().isPresent()) {
      throw new OperationException(
          OperationException.Kind.USAGE,
          "an appliance is always made anew and whole: -n, -B and a passphrase do not go with it");
    }
  }

  private static OperationException noBitmaps(Options how) {
    return new OperationException(
        OperationException.Kind.UNSUPPORTED,
        "%s images have no dirty bitmaps; qcow2 images in a file do".formatted(how.format()));
  }

  /// What a machine is called after: the file's name without what it ends in.
  private static String machineName(Path file) {
    return String.valueOf(file.getFileName()).replaceFirst("(?<=.)[.].*", "");
  }

  private static void makeLaidOut(Disk from, Path target, Options how, JobContext job)
      throws IOException {
    Path place = TargetFile.of(target);
    BesideFile.sweep(place.resolveSibling(""));
    try (BesideFile part = BesideFile.of(place)) {
      try (FileChannel file =
          FileChannel.open(part.path(), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        layOut(from, machineName(target), file, how, job);
      }
      part.publishReplacing(how.durability());
    }
  }

  private interface Work {
    void with(Disk from, CopiedBitmaps bitmaps) throws IOException;
  }

  private static Outcome reading(List<Source> sources, Options how, Work work) throws IOException {
    List<Image> images = new ArrayList<>();
    try {
      for (Source source : sources) {
        images.add(open(source));
      }
      List<Disk> disks = images.stream().map(Image::disk).toList();
      Disk all = how.part().of(disks.size() == 1 ? disks.getFirst() : Disk.joined(disks));
      Disk paced = how.rate().limits() ? Disk.throttled(all, how.rate()) : all;
      AtomicLong lost = new AtomicLong();
      work.with(
          how.damage() == Damage.SALVAGE
              ? Disk.salvaging(paced, (offset, length, cause) -> lost.addAndGet(length))
              : paced,
          CopiedBitmaps.of(images, how.bitmaps()));
      return new Outcome(all.size(), lost.get());
    } finally {
      Closing.all(images);
    }
  }

  private static Image open(Source source) throws IOException {
    ImageOptions reading = source.options().with(Access.READ);
    return source.file().equals(STANDARD)
        ? Image.openOwning(
            StreamedFile.owning("standard input", System.in, UnwrapOptions.defaults()), reading)
        : NamedImages.open(source.file(), reading);
  }

  private static void make(
      Disk from, CopiedBitmaps bitmaps, Path target, Options how, OpenPolicy policy, JobContext job)
      throws IOException {
    Path place = TargetFile.of(target);
    BesideFile.sweep(place.resolveSibling(""));
    try (NewImage made = NewImage.create(place, how.format(), how.layout(from.size()))) {
      try (Image to = made.open(policy)) {
        bitmaps.requireRoom(to);
        copy(from, to, how, CopyOptions.toNew(to, "converting"), job);
        bitmaps.copy(to);
      }
      made.publish(how.durability());
    }
  }

  private static void overwrite(
      Disk from, CopiedBitmaps bitmaps, Path target, Options how, OpenPolicy policy, JobContext job)
      throws IOException {
    ImageOptions writing =
        new ImageOptions(
            Optional.of(how.format()), Access.WRITE, policy, Optional.empty(), how.passphrase());
    try (Image to = Image.open(target, writing)) {
      if (to.disk().size() < from.size()) {
        throw new OperationException(
            OperationException.Kind.REFUSED,
            "%s: virtual size %d, smaller than the source's %d"
                .formatted(to.path(), to.disk().size(), from.size()));
      }
      CopyOptions options =
          how.target() == Target.EXISTING_ZERO
              ? CopyOptions.toNew(to, "converting")
              : CopyOptions.over(to, "converting");
      bitmaps.requireRoom(to);
      copy(from, to, how, options, job);
      bitmaps.copy(to);
    }
  }

  private static void copy(Disk from, Image to, Options how, CopyOptions defaults, JobContext job)
      throws IOException {
    CopyOptions options =
        how.threads()
            .map(defaults::withThreads)
            .orElse(defaults)
            .withSparseLength(how.sparseLength());
    if (how.compress() || to.streaming()) {
      DiskCopy.copyCompressed(from, to, options, job);
    } else {
      DiskCopy.copy(from, to.disk(), options, job);
    }
    if (how.sync()) {
      to.disk().sync();
    }
  }
}
