package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;

import io.calco.disk.Closing;
import io.calco.disk.Companions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The files of an image, open: the descriptor and the extents it names, in the order of the disk.
///
/// Thread rule: confined.
final class ImageFiles {
  /// Memory for grain tables, all extents together.
  static final int CACHE_BYTES = 16 << 20;

  /// What an image in one file may call itself.
  private static final Set<String> EMBEDDED = Set.of("monolithicsparse", "streamoptimized");

  /// What a descriptor of its own may describe.
  private static final Set<String> SEPARATE =
      Set.of(
          "monolithicflat",
          "monolithicsparse",
          "twogbmaxextentsparse",
          "twogbmaxextentflat",
          "vmfs",
          "vmfsthin",
          "vmfspreallocated",
          "vmfseagerzeroedthick",
          "vmfssparse",
          "sesparse",
          "custom");

  /// An extent and where it comes from.
  ///
  /// @param line what the descriptor says of it
  /// @param extent the extent
  /// @param file the file it lies in; empty for none
  /// @param header of a hosted sparse extent
  /// @param base guest offset of its first byte
  record Part(
      ExtentLine line,
      VmdkExtent extent,
      Optional<HostFile> file,
      Optional<SparseHeader> header,
      long base) {}

  private final HostFile own;
  private final FormatOpenOptions options;
  private final List<Part> parts = new ArrayList<>();
  private Descriptor descriptor;
  private final long descriptorPlace;
  private final long descriptorRoom;
  private long size;
  private long tables;

  private ImageFiles(
      HostFile own, FormatOpenOptions options, Descriptor descriptor, long place, long room) {
    this.own = own;
    this.options = options;
    this.descriptor = descriptor;
    this.descriptorPlace = place;
    this.descriptorRoom = room;
  }

  /// Opens the image that begins in `file`, which stays the caller's; other files are closed again
  /// when this fails.
  static ImageFiles open(HostFile file, FormatOpenOptions options) throws IOException {
    int magic = magic(file);
    if (magic == SparseLayout.MAGIC_NUMBER) {
      return openEmbedded(file, options);
    }
    if (magic == CowdHeader.MAGIC_NUMBER) {
      return openBareCowd(file, options);
    }
    Descriptor descriptor = readText(file, 0, file.size());
    ImageFiles image = new ImageFiles(file, options, descriptor, 0, Descriptor.BYTES_LIMIT);
    image.checkType(SEPARATE);
    try {
      for (ExtentLine line : descriptor.extents()) {
        image.openExtent(line);
      }
      return image;
    } catch (IOException | RuntimeException e) {
      Closing.after(e, image::closeExtents);
      throw e;
    }
  }

  private static Descriptor readText(HostFile file, long place, long length) throws IOException {
    if (length > Descriptor.BYTES_LIMIT) {
      throw new CorruptImageException(
          "%s: descriptor of %d bytes; our limit is %d"
              .formatted(file.name(), length, Descriptor.BYTES_LIMIT));
    }
    if (place > file.size() - length) {
      throw CorruptImageException.at(
          file.name(), "descriptor", place, length + " bytes", "a place in the file");
    }
    byte[] text = new byte[(int) length];
    file.read(place, MemorySegment.ofArray(text));
    return Descriptor.parse(file.name(), text);
  }

  /// The descriptor of an image whose extents are of no interest.
  static Descriptor readDescriptor(HostFile file) throws IOException {
    if (magic(file) != SparseLayout.MAGIC_NUMBER) {
      return readText(file, 0, file.size());
    }
    SparseHeader header = SparseHeader.read(file);
    return readText(file, header.descriptorOffset() * SECTOR, header.descriptorSectors() * SECTOR);
  }

  private static int magic(HostFile file) throws IOException {
    if (file.size() < SECTOR) {
      return 0;
    }
    MemorySegment start = MemorySegment.ofArray(new byte[4]);
    file.read(0, start);
    return start.get(U32, 0);
  }

  private static ImageFiles openEmbedded(HostFile file, FormatOpenOptions options)
      throws IOException {
    SparseHeader header = SparseHeader.read(file);
    long place = header.descriptorOffset() * SECTOR;
    if (place == 0) {
      throw new UnsupportedFeatureException(
          file.name() + ": is one extent of an image; open the descriptor that names it");
    }
    long length = header.descriptorSectors() * SECTOR;
    Descriptor descriptor = readText(file, place, length);
    ImageFiles image = new ImageFiles(file, options, descriptor, place, length);
    image.checkType(EMBEDDED);
    if (descriptor.extents().size() != 1) {
      throw new UnsupportedFeatureException(
          "%s: its descriptor names %d extents, but it is one file"
              .formatted(file.name(), descriptor.extents().size()));
    }
    ExtentLine line = descriptor.extents().getFirst();
    if (!line.type().equals("SPARSE")) {
      throw new UnsupportedFeatureException(
          "%s: its descriptor names an extent of type %s, but it is a sparse one"
              .formatted(file.name(), line.type()));
    }
    image.addSparse(line, file, header);
    return image;
  }

  private static ImageFiles openBareCowd(HostFile file, FormatOpenOptions options)
      throws IOException {
    CowdHeader header = CowdHeader.read(file);
    header.checkStandsAlone(file);
    ExtentLine line =
        new ExtentLine(
            ExtentLine.Access.RDONLY,
            header.capacity(),
            "VMFSSPARSE",
            options.companions().imageName(),
            Optional.empty(),
            "");
    Descriptor descriptor =
        Descriptor.of(
            List.of("version=1", "CID=fffffffe", "parentCID=ffffffff", "createType=\"vmfsSparse\""),
            List.of(line));
    ImageFiles image = new ImageFiles(file, options, descriptor, 0, 0);
    image.addCowd(line, file, header);
    return image;
  }

  private void checkType(Set<String> known) throws UnsupportedFeatureException {
    String type = descriptor.createType();
    if (!known.contains(type.toLowerCase(java.util.Locale.ROOT))) {
      throw new UnsupportedFeatureException(
          "%s: images of createType \"%s\" are not read from such a file"
              .formatted(own.name(), Descriptor.printable(type)));
    }
  }

  private void openExtent(ExtentLine line) throws IOException {
    if (line.access() == ExtentLine.Access.NOACCESS || line.type().equals("ZERO")) {
      boolean readable = line.access() != ExtentLine.Access.NOACCESS;
      long bytes = checkedBytes(line.sectors());
      add(line, new EmptyExtent(own.name(), bytes, readable), Optional.empty(), Optional.empty());
      return;
    }
    switch (line.type()) {
      case "FLAT", "VMFS", "SPARSE", "VMFSSPARSE", "SESPARSE" -> {}
      default ->
          throw new UnsupportedFeatureException(
              "%s: extents of type %s are not read"
                  .formatted(own.name(), Descriptor.printable(line.type())));
    }
    HostFile file = options.companions().open("extent", localName(line.name()), access(line));
    try {
      addExtent(line, file);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  private Companions.Access access(ExtentLine line) {
    return options.writable() && line.access() == ExtentLine.Access.RW
        ? Companions.Access.WRITE
        : Companions.Access.READ;
  }

  private static String localName(String name) {
    return name.indexOf('\\') >= 0 ? ParentName.local(name) : name;
  }

  private void addExtent(ExtentLine line, HostFile file) throws IOException {
    if (line.type().equals("FLAT") || line.type().equals("VMFS")) {
      long start = checkedBytes(line.offset().orElse(0L));
      long bytes = checkedBytes(line.sectors());
      boolean writable = access(line) == Companions.Access.WRITE;
      add(line, new FlatExtent(file, start, bytes, writable), Optional.of(file), Optional.empty());
      return;
    }
    if (line.type().equals("SESPARSE")) {
      SeSparseExtent extent = SeSparseExtent.open(file, cacheBytes());
      checkCapacity(line, file, extent.size() / SECTOR);
      add(line, extent, Optional.of(file), Optional.empty());
      return;
    }
    if (magic(file) == CowdHeader.MAGIC_NUMBER) {
      CowdHeader header = CowdHeader.read(file);
      checkCapacity(line, file, header.capacity());
      addCowd(line, file, header);
      return;
    }
    SparseHeader header = SparseHeader.read(file);
    checkCapacity(line, file, header.capacity());
    addSparse(line, file, header);
  }

  private void checkCapacity(ExtentLine line, HostFile file, long capacity)
      throws CorruptImageException {
    if (line.sectors() != capacity) {
      throw new CorruptImageException(
          "%s: extent %s has %d sectors, its descriptor says %d"
              .formatted(own.name(), file.name(), capacity, line.sectors()));
    }
  }

  private void addCowd(ExtentLine line, HostFile file, CowdHeader header) throws IOException {
    SparseExtent extent =
        new SparseExtent(file, header.geometry(), 4 * SECTOR, false, cacheBytes());
    add(line, extent, Optional.of(file), Optional.empty());
  }

  private int cacheBytes() {
    return CACHE_BYTES / descriptor.extents().size();
  }

  private void addSparse(ExtentLine line, HostFile file, SparseHeader header) throws IOException {
    boolean inPlace =
        options.writable()
            && !header.compressed()
            && header.version() < 3
            && (isOneFile() || line.access() == ExtentLine.Access.RW);
    SparseExtent extent =
        new SparseExtent(
            file, SparseGeometry.of(header), metadataEnd(header), inPlace, cacheBytes());
    add(line, extent, Optional.of(file), Optional.of(header));
  }

  /// The byte before which no grain lies.
  static long metadataEnd(SparseHeader header) {
    return Math.max(1, header.overhead()) * SECTOR;
  }

  private void add(
      ExtentLine line, VmdkExtent extent, Optional<HostFile> file, Optional<SparseHeader> header)
      throws IOException {
    tables +=
        switch (extent) {
          case SparseExtent sparse -> sparse.geometry().tables();
          case SeSparseExtent sparse -> sparse.tableCount();
          case FlatExtent flat -> 0;
          case EmptyExtent empty -> 0;
        };
    if (tables > SparseHeader.TABLE_LIMIT) {
      throw new LimitExceededException(
          "%s: %d grain tables in its extents; our limit is %d"
              .formatted(own.name(), tables, SparseHeader.TABLE_LIMIT));
    }
    parts.add(new Part(line, extent, file, header, size));
    long bytes = extent.size();
    if (bytes > SparseLayout.CAPACITY_LIMIT * SECTOR - 1 - size) {
      throw new CorruptImageException(
          "%s: the extents' sizes add up to more than 2^62 bytes".formatted(own.name()));
    }
    size += bytes;
  }

  private long checkedBytes(long sectors) throws CorruptImageException {
    if (sectors >= SparseLayout.CAPACITY_LIMIT) {
      throw new CorruptImageException(
          "%s: extent of %d sectors, expected less than 2^53".formatted(own.name(), sectors));
    }
    return sectors * SECTOR;
  }

  /// Takes what the only extent has become after it was resized.
  void replaceOnly(VmdkExtent extent, Optional<SparseHeader> header) {
    Part old = parts.getFirst();
    parts.set(
        0, new Part(old.line().withSectors(extent.size() / SECTOR), extent, old.file(), header, 0));
  }

  /// True when the only extent lies in the image's own file.
  boolean isOneFile() {
    return descriptorPlace > 0 || descriptorRoom == 0;
  }

  HostFile own() {
    return own;
  }

  List<Part> parts() {
    return parts;
  }

  Descriptor descriptor() {
    return descriptor;
  }

  /// Writes another descriptor in place of the one that is there. One that differs in digits alone
  /// is written where it differs, so that an interruption leaves the old one or the new one.
  void write(Descriptor next) throws IOException {
    byte[] text = next.encode();
    if (text.length > descriptorRoom) {
      throw new LimitExceededException(
          "%s: a descriptor of %d bytes does not fit into the %d there are for it"
              .formatted(own.name(), text.length, descriptorRoom));
    }
    byte[] old = descriptor.encode();
    if (descriptorPlace > 0) {
      text = java.util.Arrays.copyOf(text, Math.max(text.length, old.length));
      old = java.util.Arrays.copyOf(old, text.length);
    }
    int from = java.util.Arrays.mismatch(old, text);
    if (from < 0) {
      return;
    }
    MemorySegment all = MemorySegment.ofArray(text);
    if (isAsStored(old)) {
      int to = text.length;
      while (old.length == text.length && to > from && old[to - 1] == text[to - 1]) {
        to--;
      }
      own.write(descriptorPlace + from, all.asSlice(from, to - from));
    } else {
      own.write(descriptorPlace, all);
    }
    if (descriptorPlace == 0) {
      own.truncate(text.length);
    }
    descriptor = next;
  }

  /// True when the file holds the text as we would write it: not with other line ends.
  private boolean isAsStored(byte[] text) throws IOException {
    if (text.length > own.size() - descriptorPlace) {
      return false;
    }
    MemorySegment stored = MemorySegment.ofArray(new byte[text.length]);
    own.read(descriptorPlace, stored);
    return stored.mismatch(MemorySegment.ofArray(text)) == -1;
  }

  /// The host blocks of the extents' files, in bytes.
  long allocatedBeside() throws IOException {
    long bytes = 0;
    for (Part part : parts) {
      if (!isOneFile() && part.file().isPresent()) {
        bytes += part.file().get().allocatedSize();
      }
    }
    return bytes;
  }

  /// Closes the extents' files, but not the image's own.
  void closeExtents() throws IOException {
    closeFrom(0);
  }

  private void closeFrom(int index) throws IOException {
    if (isOneFile() || index == parts.size()) {
      return;
    }
    try {
      closeFrom(index + 1);
    } finally {
      Optional<HostFile> file = parts.get(index).file();
      if (file.isPresent()) {
        file.get().close();
      }
    }
  }
}
