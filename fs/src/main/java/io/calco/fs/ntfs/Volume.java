package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// An opened volume: its measures, its MFT, its table of letters.
final class Volume {
  static final long MFT = 0;
  static final long MIRROR = 1;
  static final long LOG = 2;
  static final long VOLUME = 3;
  static final long ROOT = 5;
  static final long BITMAP = 6;
  static final long BOOT = 7;
  static final long BAD_CLUSTERS = 8;
  static final long SECURE = 9;
  static final long UPCASE = 10;

  /// Records below are the volume's own; those up to [#FIRST_USER] are set aside.
  static final long FIRST_OTHER = 16;

  /// The first record for files.
  static final long FIRST_USER = 24;

  static final int DIRTY = 0x0001;
  private static final int UPCASE_SIZE = 1 << 17;
  private static final int MAX_LIST = 1 << 18; // the specification's: bytes in an attribute list

  final Disk disk;
  final BootSector boot;
  final UnitCache units;
  final ContentReader reader;
  private UnitStream mft;
  private UpCase upCase = new UpCase(new byte[0]);

  private Volume(Disk disk, BootSector boot) throws IOException {
    this.disk = disk;
    this.boot = boot;
    this.units = new UnitCache(disk, boot.clusterBits());
    this.reader = new ContentReader(disk, boot.clusterBits());
    long bytes = boot.recordSize() + boot.clusterSize() - 1L >> boot.clusterBits();
    this.mft =
        mftStream(RunList.EMPTY.plus(boot.mftCluster(), Math.max(1, bytes)), boot.recordSize());
  }

  static Volume load(Disk disk) throws IOException {
    Volume volume = new Volume(disk, BootSector.load(disk));
    volume.loadMft();
    Content letters = volume.file(UPCASE).data();
    volume.upCase = new UpCase(volume.reader.readAll(letters, UPCASE_SIZE, "$UpCase"));
    return volume;
  }

  private UnitStream mftStream(RunList runs, long length) {
    return new UnitStream(
        new UnitStream.Id(MFT, AttributeType.DATA, ""),
        runs,
        boot.recordSize(),
        Fixups.FILE,
        length);
  }

  /// Reads where the MFT lies, from its own first record. Where it is in so many pieces that other
  /// records tell of them, each must lie in what is known by then.
  void loadMft() throws IOException {
    MftRecord first = record(MFT);
    Attribute data =
        first.attributes().stream()
            .filter(attribute -> attribute.is(AttributeType.DATA, "") && !attribute.isResident())
            .findFirst()
            .orElseThrow(() -> corrupt("MFT", MFT, "no clusters", "some"));
    RunList runs = data.runs(boot.clusters());
    mft = known(runs, data);
    Optional<Attribute> list =
        first.attributes().stream()
            .filter(attribute -> attribute.is(AttributeType.ATTRIBUTE_LIST, ""))
            .findFirst();
    if (list.isPresent()) {
      for (AttributeListEntry entry : listOf(list.get())) {
        if (entry.type() == AttributeType.DATA && entry.lowest() == runs.end()) {
          MftRecord more = record(MftRecord.numberOf(entry.reference()));
          for (Attribute attribute : more.attributes()) {
            if (attribute.is(AttributeType.DATA, "")
                && !attribute.isResident()
                && attribute.lowest() == runs.end()) {
              runs = runs.plus(attribute.runs(boot.clusters()));
              mft = known(runs, data);
              break;
            }
          }
        }
      }
    }
    if (mft.length() < FIRST_USER * boot.recordSize() / 2) {
      throw corrupt("MFT", MFT, mft.length() + " bytes", "the volume's own files");
    }
  }

  private UnitStream known(RunList runs, Attribute data) throws CorruptImageException {
    requireWhole(runs, "MFT");
    long length = Math.min(data.initializedSize(), data.dataSize());
    long there = runs.end() << boot.clusterBits();
    if (runs.first() != 0 || runs.end() > boot.clusters() || length < 0) {
      throw corrupt("MFT", MFT, length + " bytes", "at most " + boot.clusters() + " clusters");
    }
    return mftStream(runs, Math.min(length, there) / boot.recordSize() * boot.recordSize());
  }

  void requireWhole(RunList runs, String what) throws CorruptImageException {
    if (runs.allocated() != runs.end() - runs.first()) {
      throw corrupt(what, 0, "a hole", "clusters");
    }
  }

  UnitStream mft() {
    return mft;
  }

  UpCase upCase() {
    return upCase;
  }

  MftRecord record(long number) throws IOException {
    return MftRecord.parse(number, units.read(mft, number));
  }

  /// The attribute list's entries.
  List<AttributeListEntry> listOf(Attribute list) throws IOException {
    Content content = content(List.of(list), "attribute list");
    return AttributeListEntry.parse(reader.readAll(content, MAX_LIST, "attribute list"));
  }

  /// A file by the number of its first record.
  NtfsFile file(long number) throws IOException {
    MftRecord record = record(number);
    if (!record.isInUse() || record.base() != 0) {
      throw corrupt("file record", number, "one not in use, or another's", "a file");
    }
    return NtfsFile.load(this, record);
  }

  /// A file by a reference.
  NtfsFile fileAt(long reference) throws IOException {
    NtfsFile file = file(MftRecord.numberOf(reference));
    int sequence = MftRecord.sequenceOf(reference);
    if (sequence != 0 && sequence != file.base().sequence()) {
      throw corrupt("reference to file record", file.number(), "an old one", sequence);
    }
    return file;
  }

  /// An attribute's content.
  ///
  /// @param extents all of it; the first is not missing
  Content content(List<Attribute> extents, String what) throws IOException {
    Attribute head = extents.getFirst();
    if (head.isResident()) {
      return Content.resident(head.value(), head.flags());
    }
    List<Attribute> sorted = new ArrayList<>(extents);
    sorted.sort(Comparator.comparingLong(e -> e.isResident() ? -1 : e.lowest()));
    Attribute first = sorted.getFirst();
    if (first.isResident() || first.lowest() != 0) {
      throw corrupt(what, first.record().number(), "no beginning", "an extent at 0");
    }
    RunList runs = first.runs(boot.clusters());
    for (Attribute extent : sorted.subList(1, sorted.size())) {
      if (extent.lowest() != runs.end()) {
        throw corrupt(what, extent.record().number(), extent.lowest(), runs.end());
      }
      runs = runs.plus(extent.runs(boot.clusters()));
    }
    Content.Sizes sizes =
        new Content.Sizes(first.allocatedSize(), first.dataSize(), first.initializedSize());
    return Content.nonResident(runs, sizes, first.flags(), first.compressionUnitBits())
        .checked(what, boot.clusterBits());
  }

  /// A bitmap in clusters, or in a record where it is changed with that.
  UnitStream bitmapStream(UnitStream.Id id, Content content) throws CorruptImageException {
    requireWhole(content.runs(), "bitmap");
    long length = Math.min(content.sizes().initialized(), content.size());
    return new UnitStream(id, content.runs(), UnitStream.PAGE, 0, length);
  }

  /// The bitmap of clusters.
  UnitStream clusterBitmap() throws IOException {
    Content content = file(BITMAP).data();
    UnitStream bitmap = bitmapStream(new UnitStream.Id(BITMAP, AttributeType.DATA, ""), content);
    if (bitmap.length() < (boot.clusters() + 7) / 8) {
      throw corrupt("$Bitmap", BITMAP, bitmap.length(), "a bit for each cluster");
    }
    return bitmap;
  }

  /// The volume's name.
  Optional<String> label() throws IOException {
    Optional<Content> name = file(VOLUME).find(AttributeType.VOLUME_NAME, "");
    if (name.isEmpty() || name.get().size() == 0) {
      return Optional.empty();
    }
    byte[] bytes = reader.readAll(name.get(), 1024, "volume name");
    return Optional.of(Utf16.decode(bytes, 0, bytes.length / 2));
  }

  /// The flags of $VOLUME_INFORMATION.
  int flags() throws IOException {
    Content content =
        file(VOLUME)
            .find(AttributeType.VOLUME_INFORMATION, "")
            .orElseThrow(() -> corrupt("$Volume", VOLUME, "no information", "some"));
    if (content.value().length < 12) {
      throw corrupt("$Volume", VOLUME, content.value().length, "12 bytes of information");
    }
    return LittleEndian.u16(content.value(), 10);
  }

  static CorruptImageException corrupt(String what, long number, Object found, Object wanted) {
    return CorruptImageException.at(
        "NTFS", what + " (file record " + number + ")", 0, found, wanted);
  }
}
