package io.calco.backup.clonezilla;

import io.calco.backup.clonezilla.SavedPartition.Content;
import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.swap.Swap;
import io.calco.volume.lvm.LogicalVolume;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What partitions and logical volumes held: found, told of, and opened, each once. Confined; the
/// disks are safe for several threads at once, and closed with this.
final class SavedContents implements AutoCloseable {
  private static final Pattern ASSIGNMENT = Pattern.compile("^\\s*(UUID|LABEL)=\"([^\"]*)\"\\s*$");
  private static final int SWAP_MIN = 10 * 4096; // mkswap's

  private final ImageDirectory directory;
  private final SavedVolumes volumes;
  private final Map<DeviceName, Optional<Disk>> made = new HashMap<>();
  private final Resources opened = new Resources();

  SavedContents(ImageDirectory directory, SavedVolumes volumes) {
    this.directory = directory;
    this.volumes = volumes;
  }

  /// How a device's bytes are kept, without opening them.
  ///
  /// @param number of a partition, else 0
  /// @param start first byte on its disk
  /// @param length in bytes
  SavedPartition describe(DeviceName device, int number, long start, long length)
      throws IOException {
    Optional<SavedStream> stream;
    try {
      if (volumes.find(device).isPresent()) {
        Optional<String> obstacle = volumes.find(device).get().group().obstacle();
        return told(
            device, number, start, length, Content.PHYSICAL_VOLUME, Optional.empty(), obstacle);
      }
      refuseLuks(device);
      stream = SavedStream.find(directory, device);
    } catch (DiskException e) {
      return told(
          device,
          number,
          start,
          length,
          Content.UNREADABLE,
          Optional.empty(),
          Optional.of(String.valueOf(e.getMessage())));
    }
    if (stream.isPresent()) {
      Content content =
          stream.get().kind() == SavedStream.Kind.RAW ? Content.ALL_BYTES : Content.USED_BLOCKS;
      return told(device, number, start, length, content, stream, Optional.empty());
    }
    boolean swap = directory.has(swapFile(device));
    return told(
        device,
        number,
        start,
        length,
        swap ? Content.SWAP : Content.NOTHING,
        Optional.empty(),
        Optional.empty());
  }

  private SavedPartition told(
      DeviceName device,
      int number,
      long start,
      long length,
      Content content,
      Optional<SavedStream> stream,
      Optional<String> unreadable)
      throws IOException {
    Optional<String> fileSystem =
        content == Content.SWAP
            ? Optional.of("swap")
            : stream.filter(s -> s.kind() != SavedStream.Kind.RAW).map(SavedStream::fileSystem);
    long packed = stream.isPresent() ? stream.get().packedSize(directory) : 0;
    return new SavedPartition(
        device.text(),
        number,
        start,
        length,
        content,
        fileSystem,
        stream.flatMap(SavedStream::compression),
        stream.map(SavedStream::files).orElse(List.of()),
        packed,
        unreadable);
  }

  private static String swapFile(DeviceName device) {
    return "swappt-" + device.file() + ".info";
  }

  private void refuseLuks(DeviceName device) throws UnsupportedFeatureException {
    String header = device.file() + "-luksHeader.bin";
    if (directory.has(header)) {
      throw new UnsupportedFeatureException(
          "%s: %s was saved from inside its encryption (LUKS), and cannot be made again without its key; restore it with Clonezilla"
              .formatted(directory.nameOf(header), device));
    }
  }

  /// A device's bytes; empty when nothing of it was saved.
  ///
  /// @param length in bytes
  Optional<Disk> open(DeviceName device, long length) throws IOException {
    Optional<Disk> known = made.get(device);
    if (known == null) {
      known = make(device, length);
      made.put(device, known);
    }
    return known;
  }

  private Optional<Disk> make(DeviceName device, long length) throws IOException {
    Optional<SavedVolumes.Member> member = volumes.find(device);
    if (member.isPresent()) {
      return Optional.of(
          member.get().group().remake(member.get().physical(), length, this::logical));
    }
    refuseLuks(device);
    Optional<SavedStream> stream = SavedStream.find(directory, device);
    if (stream.isPresent()) {
      return Optional.of(stream(device, stream.get(), length));
    }
    return directory.has(swapFile(device)) ? Optional.of(swap(device, length)) : Optional.empty();
  }

  private Optional<Disk> logical(LogicalVolume volume) throws IOException {
    DeviceName device =
        DeviceName.of(volume.group() + "/" + volume.name(), directory.path().toString());
    return open(device, volume.size());
  }

  private Disk stream(DeviceName device, SavedStream stream, long length) throws IOException {
    return switch (stream.kind()) {
      case PARTCLONE -> {
        Image image = opened.add(StreamOpener.partclone(directory, stream, length));
        yield padded(device, image.disk(), length);
      }
      case RAW ->
          stream.compression().filter("uncomp"::equals).isPresent()
              ? bare(device, stream, length)
              : opened.add(
                  Disk.owning(
                      new RawStreamDriver(StreamOpener.raw(directory, stream, length), length)));
    };
  }

  /// Every byte, as it is: the files' holes stay holes.
  private Disk bare(DeviceName device, SavedStream stream, long length) throws IOException {
    Image image =
        opened.add(
            Image.openOwning(
                StreamOpener.raw(directory, stream, length),
                ImageOptions.reading().withFormat("raw")));
    if (image.disk().size() != length) {
      throw new CorruptImageException(
          "%s: has %d bytes, expected the %d of %s"
              .formatted(
                  directory.nameOf(stream.files().getFirst()),
                  image.disk().size(),
                  length,
                  device));
    }
    return image.disk();
  }

  private static Disk padded(DeviceName device, Disk disk, long length)
      throws CorruptImageException {
    if (disk.size() == length) {
      return disk;
    }
    Splice splice = new Splice(device.text(), length);
    splice.add("content", 0, disk);
    return splice.disk();
  }

  private Disk swap(DeviceName device, long length) throws IOException {
    String file = swapFile(device);
    Optional<UUID> uuid = Optional.empty();
    Optional<String> label = Optional.empty();
    for (String line : directory.lines(file).orElse(List.of())) {
      Matcher assignment = ASSIGNMENT.matcher(line);
      if (assignment.matches() && !assignment.group(2).isEmpty()) {
        if (assignment.group(1).equals("LABEL")) {
          label = Optional.of(assignment.group(2));
        } else {
          uuid = Optional.of(uuid(file, assignment.group(2)));
        }
      }
    }
    if (length < SWAP_MIN) {
      throw new CorruptImageException(
          "%s: %s has %d bytes, expected at least %d of a swap area"
              .formatted(directory.nameOf(file), device, length, SWAP_MIN));
    }
    Splice splice = new Splice(device.text(), length);
    splice.add("swap header", 0, Swap.newHeader(length, uuid, label));
    return splice.disk();
  }

  private UUID uuid(String file, String text) throws CorruptImageException {
    if (!text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
      throw new CorruptImageException(
          "%s: UUID: found \"%s\", expected 32 hexadecimal digits in groups"
              .formatted(directory.nameOf(file), OpenPolicy.printable(text)));
    }
    return UUID.fromString(text);
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
