package io.calco.backup.clonezilla;

import io.calco.backup.clonezilla.SavedPartition.Content;
import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A directory that Clonezilla saved disks or partitions in, open for reading.
///
/// ```java
/// try (ClonezillaImage image = ClonezillaImage.open(Path.of("/home/partimag/web1"))) {
///   for (SavedDisk disk : image.disks()) {
///     copy(image.disk(disk.name()));
///   }
/// }
/// ```
///
/// Opening reads the texts alone; a partition's files are opened when its disk is. Confined; the
/// disks it gives are safe for several threads at once, and live no longer than this.
public final class ClonezillaImage implements AutoCloseable {
  private static final String MARK = "clonezilla-img";
  private static final String COMMAND = "Info-saved-by-cmd.txt";
  private static final int LOG_END = 4096;
  private static final int COMMAND_MAX = 500; // ours
  private static final int DISKS_MAX = 256; // ours
  private static final int PARTS_MAX = 4096; // ours
  private static final Pattern CREATED =
      Pattern.compile("(?m)^### Image created time: ([0-9]{4}-[0-9]{4}-[0-9]{4})$");

  /// Files that say that an image is none, with what to tell.
  private static final Map<String, String> REFUSED =
      Map.of(
          "ecryptfs.info", "is encrypted (eCryptfs); mount it with Clonezilla first",
          "gocryptfs.info", "is encrypted (gocryptfs); mount it with gocryptfs first",
          "00-pseudo-img-note.txt", "says that the image has no content",
          "THIS_IMAGE_DIR_IS_BROKEN.txt", "says that the image was not saved completely");

  private final ImageDirectory directory;
  private final SavedVolumes volumes;
  private final SavedContents contents;
  private final Map<DeviceName, SavedTable> tables = new HashMap<>();
  private final List<SavedDisk> disks = new ArrayList<>();
  private final List<SavedPartition> logical = new ArrayList<>();
  private final Map<String, Disk> spliced = new HashMap<>();
  private final Resources opened = new Resources();

  private ClonezillaImage(ImageDirectory directory, SavedVolumes volumes) {
    this.directory = directory;
    this.volumes = volumes;
    this.contents = new SavedContents(directory, volumes);
  }

  /// True when the directory says that it is a Clonezilla image.
  public static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve(MARK))
        || Files.isRegularFile(directory.resolve("parts"))
            && Files.isRegularFile(directory.resolve("disk"));
  }

  /// Opens an image.
  ///
  /// @throws UnsupportedFeatureException when the directory holds none, or one that is encrypted
  /// @throws CorruptImageException when its texts contradict each other
  public static ClonezillaImage open(Path directory) throws IOException {
    if (!isIn(directory)) {
      throw new UnsupportedFeatureException(
          "%s: is no Clonezilla image: neither clonezilla-img, nor disk and parts, are in it"
              .formatted(directory));
    }
    ImageDirectory listed = ImageDirectory.list(directory);
    for (Map.Entry<String, String> refused : REFUSED.entrySet()) {
      if (listed.has(refused.getKey())) {
        throw new UnsupportedFeatureException(
            listed.nameOf(refused.getKey()) + ": " + refused.getValue());
      }
    }
    ClonezillaImage image = new ClonezillaImage(listed, SavedVolumes.read(listed));
    image.readDisks();
    return image;
  }

  private void readDisks() throws IOException {
    List<DeviceName> parts = devices("parts");
    boolean whole = directory.has("disk");
    SequencedSet<DeviceName> names = new LinkedHashSet<>(whole ? devices("disk") : List.of());
    for (String file : directory.files()) {
      if (file.endsWith("-pt.sf")) {
        String stem = file.substring(0, file.length() - "-pt.sf".length());
        if (names.stream().noneMatch(name -> name.file().equals(stem))) {
          diskOf(stem, parts).ifPresent(names::add);
        }
      }
    }
    for (DeviceName part : parts) {
      boolean onDisk =
          names.stream().anyMatch(name -> name.equals(part) || part.numberOn(name).isPresent());
      if (!onDisk && !directory.has(part.file() + "-pt.sf")) {
        names.add(part); // a file system or physical volume on the bare disk
      }
    }
    if (names.isEmpty() || names.size() > DISKS_MAX) {
      throw new CorruptImageException(
          "%s: found %d disks, expected 1 to %d"
              .formatted(directory.path(), names.size(), DISKS_MAX));
    }
    for (DeviceName name : names) {
      disks.add(describe(name, whole));
    }
    for (SavedVolumes.Logical volume : volumes.logical()) {
      logical.add(contents.describe(volume.device(), 0, 0, volume.volume().size()));
    }
  }

  private List<DeviceName> devices(String file) throws IOException {
    List<DeviceName> names = new ArrayList<>();
    List<String> words = directory.words(file);
    if (words.size() > PARTS_MAX) {
      throw new CorruptImageException(
          "%s: found %d devices, expected at most %d (our limit)"
              .formatted(directory.nameOf(file), words.size(), PARTS_MAX));
    }
    for (String word : words) {
      names.add(DeviceName.of(word, directory.nameOf(file)));
    }
    return names;
  }

  /// The disk whose table a file is of: where its name has a slash, its partitions' names tell.
  private static Optional<DeviceName> diskOf(String stem, List<DeviceName> parts) {
    for (DeviceName part : parts) {
      if (part.file().startsWith(stem)) {
        Optional<DeviceName> disk = DeviceName.find(part.text().substring(0, stem.length()));
        if (disk.isPresent() && part.numberOn(disk.get()).isPresent()) {
          return disk;
        }
      }
    }
    return Optional.empty();
  }

  private SavedDisk describe(DeviceName name, boolean whole) throws IOException {
    SavedTable table = SavedTable.read(directory, name);
    tables.put(name, table);
    List<SavedPartition> partitions = new ArrayList<>();
    if (table.kind().isEmpty()) {
      long size = bareSize(name, table.size());
      partitions.add(contents.describe(name, 0, 0, size));
      return new SavedDisk(
          name.text(), size, table.sectorSize(), Optional.empty(), whole, partitions);
    }
    for (SavedTable.Part part : table.parts()) {
      DeviceName device = name.partition(part.number());
      partitions.add(
          part.extended()
              ? extended(device, part)
              : contents.describe(device, part.number(), part.start(), part.length()));
    }
    return new SavedDisk(
        name.text(),
        table.size().orElseThrow(),
        table.sectorSize(),
        table.kind(),
        whole,
        partitions);
  }

  private static SavedPartition extended(DeviceName device, SavedTable.Part part) {
    return new SavedPartition(
        device.text(),
        part.number(),
        part.start(),
        part.length(),
        Content.EXTENDED,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        0,
        Optional.empty());
  }

  /// The size of a disk without a table: what was told, or what lies on it.
  private long bareSize(DeviceName name, OptionalLong told) throws IOException {
    if (told.isPresent()) {
      return told.getAsLong();
    }
    Optional<SavedVolumes.Member> member = volumes.find(name);
    if (member.isPresent()) {
      return member.get().physical().end();
    }
    Optional<SavedStream> stream = SavedStream.find(directory, name);
    if (stream.isPresent() && stream.get().kind() == SavedStream.Kind.PARTCLONE) {
      return StreamOpener.deviceSize(directory, stream.get());
    }
    throw new CorruptImageException(
        "%s: nothing tells the size of %s: neither %s-pt.parted nor a partition table is there"
            .formatted(directory.path(), name, name.file()));
  }

  /// The directory, as the user named it.
  public Path path() {
    return directory.path();
  }

  /// When it was saved, as Clonezilla writes it: `2026-1121-2140`.
  public Optional<String> created() throws IOException {
    if (!directory.has(MARK)) {
      return Optional.empty();
    }
    Matcher found = CREATED.matcher(directory.end(MARK, LOG_END));
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }

  /// The command that saved it, in one line of at most 500 characters; empty where it is not told.
  public Optional<String> command() throws IOException {
    if (!directory.has(COMMAND)) {
      return Optional.empty();
    }
    String text = directory.end(COMMAND, LOG_END);
    return text.lines()
        .map(line -> line.replaceAll("\\p{Cntrl}", " ").strip())
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .findFirst()
        .map(line -> line.substring(0, Math.min(line.length(), COMMAND_MAX)));
  }

  /// The disks in it, in its own order.
  public List<SavedDisk> disks() {
    return List.copyOf(disks);
  }

  /// The logical volumes of LVM2 in it.
  public List<SavedPartition> logicalVolumes() {
    return List.copyOf(logical);
  }

  /// The bytes that all files in it take.
  public long packedSize() throws IOException {
    long sum = 0;
    for (String file : directory.files()) {
      sum += directory.size(file);
    }
    return sum;
  }

  /// The names of sum files in it: `MD5SUMS` …
  public List<String> sumFiles() {
    return SumFile.in(directory);
  }

  /// The bytes of a disk, a partition or a logical volume, by its name with or without `/dev/`.
  ///
  /// @return of its full size, for reading; closed with this image
  /// @throws UnsupportedFeatureException when it is not here, or was saved in a way that is not
  ///   read
  public Disk disk(String name) throws IOException {
    String bare = DeviceName.find(name).map(DeviceName::text).orElse("");
    Disk known = spliced.get(bare);
    if (known != null) {
      return known;
    }
    Disk made = make(bare, name);
    spliced.put(bare, made);
    return made;
  }

  private Disk make(String bare, String name) throws IOException {
    for (SavedDisk disk : disks) {
      if (disk.name().equals(bare)) {
        return splice(disk);
      }
      for (SavedPartition partition : disk.partitions()) {
        if (partition.device().equals(bare) && partition.content() != Content.EXTENDED) {
          return open(partition);
        }
      }
    }
    for (SavedPartition volume : logical) {
      if (volume.device().equals(bare)) {
        return open(volume);
      }
    }
    throw new UnsupportedFeatureException(
        "%s: no disk or partition \"%s\" is in this image; its disks: %s"
            .formatted(
                directory.path(),
                OpenPolicy.printable(name),
                String.join(", ", disks.stream().map(SavedDisk::name).toList())));
  }

  private Disk splice(SavedDisk disk) throws IOException {
    DeviceName name = DeviceName.of(disk.name(), directory.path().toString());
    Splice splice = new Splice(directory.path() + "#" + disk.name(), disk.size());
    SavedTable table = tables.get(name);
    if (table != null) {
      table.addTo(splice, opened);
    }
    for (SavedPartition partition : disk.partitions()) {
      if (partition.content() != Content.EXTENDED) {
        Optional<Disk> content = content(partition);
        if (content.isPresent()) {
          splice.add("partition " + partition.device(), partition.start(), content.get());
        }
      }
    }
    return splice.disk();
  }

  private Disk open(SavedPartition partition) throws IOException {
    return content(partition).orElseGet(() -> Disk.blank(partition.length()));
  }

  private Optional<Disk> content(SavedPartition partition) throws IOException {
    return contents.open(
        DeviceName.of(partition.device(), directory.path().toString()), partition.length());
  }

  /// Compares every file with its sums, where there are any, and every packed content with its own
  /// checksums. What is wrong is told in the report, by the file's name.
  public ClonezillaReport verify(JobContext job) throws IOException {
    return new ImageVerification(directory, this, job).run();
  }

  @Override
  public void close() throws IOException {
    try (opened) {
      contents.close();
    }
  }
}
