package io.calco.engine;

import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.BesideFile.Durability;
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
import io.calco.disk.UnwrapOptions;
import io.calco.disk.wrap.Compression;
import io.calco.disk.wrap.StreamedFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

  /// An image to read.
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
  /// @param format the target's format; with `.gz` or `.zst`, packed as a whole
  /// @param backing the target's backing image, whose content the source has too
  /// @param options the target format's own options
  /// @param passphrase what will open the target, if its options ask for encryption
  /// @param compress write compressed units
  /// @param threads how many work side by side; empty for our choice
  /// @param sparseLength shortest zero run that becomes a hole
  /// @param target what is there already
  /// @param damage what is done about what cannot be read
  /// @param sync return when all is on the medium
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
      boolean sync) {

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
          false);
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
          sync);
    }

    private Optional<Compression> packing() {
      return Compression.ofName(format);
    }

    private String bareFormat() {
      return packing()
          .map(kind -> format.substring(0, format.length() - kind.ending().length()))
          .orElse(format);
    }

    private Durability durability() {
      return sync ? Durability.SYNCED : Durability.LEFT_TO_THE_SYSTEM;
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

  /// Converts into a file or device.
  public static Outcome convert(List<Source> sources, Path target, Options how, JobContext job)
      throws IOException {
    return reading(
        sources,
        how,
        from -> {
          if (how.packing().isPresent() && how.target() == Target.NEW) {
            pack(from, target, how, job);
          } else if (how.target() == Target.NEW) {
            make(from, target, how, sources.getFirst().options().policy(), job);
          } else {
            overwrite(from, target, how, sources.getFirst().options().policy(), job);
          }
        });
  }

  /// Converts into a stream, laying the target's bytes out as they are sent.
  ///
  /// @throws io.calco.disk.UnsupportedFeatureException when the format cannot be laid out so
  public static Outcome send(
      List<Source> sources, WritableByteChannel target, Options how, JobContext job)
      throws IOException {
    return reading(sources, how, from -> layOut(from, target, how, job));
  }

  /// Sends the target's bytes, packed if its format says so: `raw.gz`.
  private static void layOut(Disk from, WritableByteChannel target, Options how, JobContext job)
      throws IOException {
    if (how.compress()) {
      throw new OperationException(
          OperationException.Kind.UNSUPPORTED,
          "-c does not go with a stream: an image is laid out there before its data is compressed",
          "convert into a file, or pack it as a whole with -O %s.zst".formatted(how.format()));
    }
    try (HostFile laidOut =
        ImageFormats.get(how.bareFormat()).layOut(from, how.layout(from.size()))) {
      if (how.packing().isPresent()) {
        FileStream.copy(laidOut, how.packing().get().coder(), target, job);
      } else {
        FileStream.copy(laidOut, target, job);
      }
    }
  }

  private static void pack(Disk from, Path target, Options how, JobContext job) throws IOException {
    Path place = TargetFile.of(target);
    BesideFile.sweep(place.resolveSibling(""));
    try (BesideFile part = BesideFile.of(place)) {
      try (FileChannel file =
          FileChannel.open(part.path(), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        layOut(from, file, how, job);
      }
      part.publishReplacing(how.durability());
    }
  }

  private interface Work {
    void with(Disk from) throws IOException;
  }

  private static Outcome reading(List<Source> sources, Options how, Work work) throws IOException {
    List<Image> images = new ArrayList<>();
    try {
      for (Source source : sources) {
        images.add(open(source));
      }
      List<Disk> disks = images.stream().map(Image::disk).toList();
      Disk all = how.part().of(disks.size() == 1 ? disks.getFirst() : Disk.joined(disks));
      AtomicLong lost = new AtomicLong();
      work.with(
          how.damage() == Damage.SALVAGE
              ? Disk.salvaging(all, (offset, length, cause) -> lost.addAndGet(length))
              : all);
      return new Outcome(all.size(), lost.get());
    } finally {
      closeAll(images);
    }
  }

  private static Image open(Source source) throws IOException {
    ImageOptions reading = source.options().with(Access.READ);
    return source.file().equals(STANDARD)
        ? Image.openOwning(
            StreamedFile.owning("standard input", System.in, UnwrapOptions.defaults()), reading)
        : Image.open(source.file(), reading);
  }

  private static void closeAll(List<Image> images) throws IOException {
    try (Image last = images.isEmpty() ? null : images.removeLast()) {
      if (last != null) {
        closeAll(images);
      }
    }
  }

  private static void make(Disk from, Path target, Options how, OpenPolicy policy, JobContext job)
      throws IOException {
    Path place = TargetFile.of(target);
    BesideFile.sweep(place.resolveSibling(""));
    try (NewImage made = NewImage.create(place, how.format(), how.layout(from.size()))) {
      try (Image to = made.open(policy)) {
        copy(from, to, how, CopyOptions.toNew(to, "converting"), job);
      }
      made.publish(how.durability());
    }
  }

  private static void overwrite(
      Disk from, Path target, Options how, OpenPolicy policy, JobContext job) throws IOException {
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
      copy(from, to, how, options, job);
    }
  }

  private static void copy(Disk from, Image to, Options how, CopyOptions defaults, JobContext job)
      throws IOException {
    CopyOptions options =
        how.threads()
            .map(defaults::withThreads)
            .orElse(defaults)
            .withSparseLength(how.sparseLength());
    if (how.compress()) {
      DiskCopy.copyCompressed(from, to, options, job);
    } else {
      DiskCopy.copy(from, to.disk(), options, job);
    }
    if (how.sync()) {
      to.disk().sync();
    }
  }
}
