package io.calco.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// An image file that is open, with everything below it.
///
/// Thread rule: [#disk] as [Disk]; all else confined.
public final class Image implements AutoCloseable {
  /// Ours: QEMU sets no limit, and overflows its stack.
  static final int CHAIN_LIMIT = 200;

  private final Path path;
  private final OpenedFormat opened;
  private final IdentifiedFile file;
  private final Optional<Image> backing;
  private final FormatDisk formatDisk;
  private final Disk disk;

  private Image(Path path, IdentifiedFile file, OpenedFormat opened, Optional<Image> backing) {
    this.path = path;
    this.file = file;
    this.opened = opened;
    this.backing = backing;
    this.formatDisk = new FormatDisk(opened, backing.map(Image::disk));
    this.disk = Disk.owning(formatDisk);
  }

  /// Opens an image and, when guest bytes are wanted, its whole chain. A disk in a directory of a
  /// kind that is known ([DirectoryFormat]) is an image, too: `backups/web1#sda`.
  ///
  /// The files are locked as QEMU would, unless only for their metadata or by
  /// [ImageOptions.Locking#WRITTEN]: nobody else, QEMU or Calco, may write what we read, or open
  /// what we write.
  ///
  /// @throws DiskException when anything in the chain cannot be used or may not be opened
  public static Image open(Path path, ImageOptions options) throws IOException {
    return open(path, options, new LocalCompanions(path, options.policy(), options.locks()));
  }

  /// True when a path names a disk in a directory of a kind that is known, not a file.
  public static boolean isInDirectory(Path path) {
    return DirectoryDisk.find(path).flatMap(DirectoryDisk::kind).isPresent();
  }

  /// As [#open(Path, ImageOptions)], what is below left out: what this image does not hold itself
  /// reads as zeroes.
  static Image openAlone(Path path, ImageOptions options) throws IOException {
    LocalCompanions companions = new LocalCompanions(path, options.policy(), true);
    return open(path, options, companions, Optional.empty());
  }

  /// As [#open(Path, ImageOptions)], its companions found by other means.
  static Image open(Path path, ImageOptions options, Companions companions) throws IOException {
    return open(path, options, companions, Optional.of(new HashSet<>()));
  }

  /// @param above the images above this one; empty to leave out what is below
  private static Image open(
      Path path, ImageOptions options, Companions companions, Optional<Set<Path>> above)
      throws IOException {
    Optional<DirectoryDisk> inDirectory = DirectoryDisk.find(path);
    if (inDirectory.isPresent()) {
      IdentifiedFile found = inDirectory.get().open(options);
      return openOwning(path, found, options, Companions.none(), above);
    }
    if (above.isPresent()) {
      checkChain(path, above.get());
    }
    LocalFile file = LocalFile.open(path, options.access().writes());
    try {
      if (options.locks()) {
        file.lock(options.access().writes() ? ImageLock.WRITE : ImageLock.READ);
      }
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
    return openOwning(path, file, options, companions, above);
  }

  /// Opens an image that lies in any file, alone: it may not refer to other files. The file is
  /// closed with the image, and also when opening fails.
  ///
  /// @throws DiskException when it cannot be used
  public static Image openOwning(HostFile file, ImageOptions options) throws IOException {
    ImageOptions alone = options.with(OpenPolicy.denyAll());
    return openOwning(
        Path.of(file.name()), file, alone, Companions.none(), Optional.of(new HashSet<>()));
  }

  private static Image openOwning(
      Path path,
      HostFile file,
      ImageOptions options,
      Companions companions,
      Optional<Set<Path>> above)
      throws IOException {
    return openOwning(
        path, IdentifiedFile.owning(file, options, companions), options, companions, above);
  }

  private static Image openOwning(
      Path path,
      IdentifiedFile found,
      ImageOptions options,
      Companions companions,
      Optional<Set<Path>> above)
      throws IOException {
    OpenedFormat opened =
        found
            .format()
            .openOwning(
                found.file(),
                new FormatOpenOptions(
                    options.access().writes(),
                    options.snapshot(),
                    options.access() == ImageOptions.Access.REPAIR,
                    companions,
                    options.passphrase()));
    try {
      Optional<Image> backing =
          above.isPresent() ? openBacking(path, opened, options, above) : Optional.empty();
      return new Image(path, found, opened, backing);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, opened);
      throw e;
    }
  }

  private static void checkChain(Path path, Set<Path> above) throws IOException {
    if (!above.add(path.toRealPath())) {
      throw new CorruptImageException(path + ": rests on itself through its backing images");
    }
    if (above.size() > CHAIN_LIMIT) {
      throw new LimitExceededException(
          "%s: more than %d images rest on each other (our limit)".formatted(path, CHAIN_LIMIT));
    }
  }

  private static Optional<Image> openBacking(
      Path path, OpenedFormat opened, ImageOptions options, Optional<Set<Path>> above)
      throws IOException {
    boolean follows =
        options.access() == ImageOptions.Access.READ
            || options.access() == ImageOptions.Access.WRITE;
    Optional<BackingReference> reference = opened.info().backing();
    if (!follows || reference.isEmpty()) {
      return Optional.empty();
    }
    Path below = options.policy().resolve(path, "backing image", reference.get().name());
    ImageOptions reading =
        new ImageOptions(
            reference.get().format(),
            ImageOptions.Access.READ,
            options.policy(),
            Optional.empty(),
            options.passphrase(),
            Optional.empty(),
            options.locking());
    Image image =
        open(below, reading, new LocalCompanions(below, options.policy(), reading.locks()), above);
    try {
      checkIdentity(path, reference.get(), image);
      return Optional.of(image);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, image);
      throw e;
    }
  }

  /// A parent that was replaced or changed since would show the guest a mix of two disks.
  private static void checkIdentity(Path path, BackingReference reference, Image below)
      throws IOException {
    Optional<String> found = below.info().identity();
    if (reference.identity().isPresent() && !reference.identity().equals(found)) {
      throw new CorruptImageException(
          "%s: was made on an image that calls itself %s, but %s calls itself %s"
              .formatted(
                  path, reference.identity().get(), below.path(), found.orElse("nothing at all")));
    }
  }

  /// Lays out a new image in a file that must not exist.
  ///
  /// @throws DiskException when the format refuses; the file is gone then
  public static void create(Path path, String format, CreateOptions options) throws IOException {
    ImageFormat driver = ImageFormats.get(format);
    try (HostFile file = LocalFile.create(path)) {
      driver.create(file, options, Companions.none());
    } catch (IOException | RuntimeException e) {
      if (!(e instanceof java.nio.file.FileAlreadyExistsException)) {
        Files.deleteIfExists(path);
      }
      throw e;
    }
  }

  /// Changes options that an image was created with, under qemu-img's names: for qcow2 `compat`,
  /// `lazy_refcounts`, `refcount_bits`, `data_file`, `data_file_raw=off`. The virtual size is
  /// changed by [Disk#resize], the backing image by [Rebase].
  ///
  /// @throws UnsupportedFeatureException when one cannot be changed, or not to that value; nothing
  ///   was changed
  public static void amend(
      Path path, ImageOptions options, Map<String, String> changes, JobContext job)
      throws IOException {
    try (Image image = open(path, options.with(ImageOptions.Access.EDIT))) {
      image.opened.amend(changes, job);
    }
  }

  /// The file, as the user named it.
  public Path path() {
    return path;
  }

  /// The format's name.
  public String format() {
    return file.format().name();
  }

  /// What the image is packed in, the outermost first: gz, tar …
  public List<String> wrappers() {
    return file.wrappers();
  }

  /// The guest's bytes; closed with this image.
  public Disk disk() {
    return disk;
  }

  /// The image below, when the chain was opened.
  public Optional<Image> backing() {
    return backing;
  }

  /// What the header says.
  public FormatInfo info() throws IOException {
    return opened.info();
  }

  /// Reasons not to take this image in from a stranger, a line each: what it refers to, what else
  /// its bytes could be taken for, and what the disk in it could be taken for if it lay bare.
  public List<String> risks() throws IOException {
    List<String> all = new ArrayList<>(opened.risks());
    all.addAll(FileMarks.ambiguities(file));
    FormatInfo info = info();
    if (!format().equals("raw") && info.backing().isEmpty() && !info.encrypted()) {
      all.addAll(FileMarks.inside(disk));
    }
    return all;
  }

  /// The file size in bytes.
  public long fileSize() throws IOException {
    return file.outer().size();
  }

  /// The host blocks that the file takes, and other files of the image, in bytes.
  public long allocatedSize() throws IOException {
    return file.outer().allocatedSize() + opened.companionsAllocated();
  }

  /// Compares the image's metadata with its format's rules.
  public VerifyReport verify(JobContext job) throws IOException {
    return opened.verify(job);
  }

  /// Mends the image's metadata; it must be open for [ImageOptions.Access#REPAIR].
  public VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    return opened.repair(what, job);
  }

  /// Records another backing image, or none; no guest data is moved, and this object still reads
  /// the old one.
  public void changeBacking(Optional<BackingReference> reference) throws IOException {
    opened.changeBacking(reference);
  }

  /// The internal snapshots, in formats that have them; the image must be open for writing to
  /// change them.
  public Optional<InternalSnapshots> snapshots() {
    return opened.snapshots().map(snapshots -> new LockedSnapshots(snapshots, formatDisk));
  }

  /// The dirty bitmaps, in formats that have them; the image must be open for writing to change
  /// them.
  public Optional<DirtyBitmaps> bitmaps() {
    return opened.bitmaps().map(bitmaps -> new LockedBitmaps(bitmaps, formatDisk));
  }

  /// Gives up all that this image holds of the guest's bytes, so that it shows what is below it.
  void empty() throws IOException {
    formatDisk.alone(() -> {
      opened.empty();
      return opened;
    });
  }

  /// The passphrases that open this image, if it is encrypted by a method that knows several.
  public Optional<PassphraseSlots> passphraseSlots() {
    return opened.passphraseSlots();
  }

  /// True when a new image of this one's format reads as zeroes where nothing lies below.
  boolean newReadsZero() {
    return file.format().newImageReadsZero();
  }

  /// Guest bytes that this image allocates at once.
  int unitLength() {
    return Math.max(opened.unitLength(), 4096);
  }

  /// How this image compresses, or empty.
  Optional<UnitPacker> packer() {
    return opened.packer();
  }

  /// True when the image takes compressed units alone, in ascending order: it is filled by
  /// [DiskCopy#copyCompressed].
  public boolean streaming() {
    return opened.streaming();
  }

  /// The disk's driver, for the copy engine and maps.
  FormatDisk formatDisk() {
    return formatDisk;
  }

  /// This image and all below it, from the top down.
  public List<Image> chain() {
    List<Image> all = new ArrayList<>();
    for (Optional<Image> next = Optional.of(this); next.isPresent(); next = next.get().backing) {
      all.add(next.get());
    }
    return all;
  }

  /// Flushes and closes the whole chain.
  @Override
  public void close() throws IOException {
    disk.close();
  }
}
