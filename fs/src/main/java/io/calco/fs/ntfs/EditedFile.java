package io.calco.fs.ntfs;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A file whose attributes are changed: all of them in memory, put into its record at the end.
final class EditedFile {
  private static final int NEW = -1;
  private static final int END_SIZE = 8;

  /// An attribute.
  ///
  /// @param type its type
  /// @param name its name, "" for none
  /// @param indexed an index has its value
  /// @param instance its number in the record; -1 for a new one
  /// @param content what it holds
  record Item(int type, String name, boolean indexed, int instance, Content content) {
    boolean is(int otherType, String otherName) {
      return type == otherType && name.equals(otherName);
    }

    Item with(Content other) {
      return new Item(type, name, indexed, instance, other);
    }
  }

  private static final Comparator<Item> ORDER =
      Comparator.comparingLong((Item item) -> Integer.toUnsignedLong(item.type()))
          .thenComparing(Item::name, String.CASE_INSENSITIVE_ORDER);

  private final Volume volume;
  private final long number;
  private final byte[] header;
  private final List<Item> items;
  private final List<Long> extensions;
  private RunList listRuns = RunList.EMPTY;
  private byte[] before = {};
  private boolean fresh;
  private boolean freed;

  private EditedFile(
      Volume volume, long number, byte[] header, List<Item> items, List<Long> extensions) {
    this.volume = volume;
    this.number = number;
    this.header = header;
    this.items = items;
    this.extensions = extensions;
  }

  static EditedFile load(Volume volume, long number) throws IOException {
    NtfsFile file = volume.file(number);
    List<Item> items = new ArrayList<>();
    List<Long> extensions = new ArrayList<>();
    file.extensions().forEach(record -> extensions.add(record.number()));
    EditedFile edited =
        new EditedFile(volume, number, file.base().bytes().clone(), items, extensions);
    for (Attribute attribute : file.attributes()) {
      int type = attribute.type();
      String name = attribute.name();
      int instance = attribute.record() == file.base() ? attribute.instance() : NEW;
      if (type == AttributeType.ATTRIBUTE_LIST) {
        edited.listRuns = volume.content(List.of(attribute), "attribute list").runs();
      } else if (attribute.isResident()) {
        Content value = Content.resident(attribute.value(), attribute.flags());
        items.add(new Item(type, name, attribute.isIndexed(), instance, value));
      } else if (attribute.lowest() == 0) {
        Content content = file.find(type, name).orElseThrow();
        items.add(new Item(type, name, false, instance, content));
      }
    }
    items.sort(ORDER); // several records follow one another
    edited.before = edited.image();
    return edited;
  }

  /// Everything that would go into the record, to see whether anything has changed.
  private byte[] image() {
    ByteArrayOutputStream image = new ByteArrayOutputStream();
    image.write(header, 0x10, 8);
    for (Item item : items) {
      image.writeBytes(RecordFormat.attribute(item, 0, volume.boot.clusterBits()));
    }
    return image.toByteArray();
  }

  /// A file in a record that was free.
  ///
  /// @param flags of the record, without [MftRecord#IN_USE]
  static EditedFile create(Volume volume, long number, int sequence, int flags) {
    byte[] header = RecordFormat.blank(volume.boot.recordSize(), number, sequence);
    LittleEndian.put16(header, 0x16, flags | MftRecord.IN_USE);
    EditedFile file = new EditedFile(volume, number, header, new ArrayList<>(), new ArrayList<>());
    file.fresh = true;
    return file;
  }

  long number() {
    return number;
  }

  long reference() {
    return MftRecord.reference(number, LittleEndian.u16(header, 0x10));
  }

  boolean isDirectory() {
    return (LittleEndian.u16(header, 0x16) & MftRecord.DIRECTORY) != 0;
  }

  List<Item> items() {
    return items;
  }

  int links() {
    return LittleEndian.u16(header, 0x12);
  }

  void setLinks(int links) {
    LittleEndian.put16(header, 0x12, links);
  }

  Optional<Item> find(int type, String name) {
    return items.stream().filter(item -> item.is(type, name)).findFirst();
  }

  /// Adds an attribute where its type and name belong.
  void add(int type, String name, boolean indexed, Content content) {
    items.add(new Item(type, name, indexed, NEW, content));
    items.sort(ORDER);
  }

  /// Gives an attribute another content; adds it when there is no such.
  void set(int type, String name, Content content) {
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).is(type, name)) {
        items.set(i, items.get(i).with(content));
        return;
      }
    }
    add(type, name, false, content);
  }

  void remove(Item item) {
    items.remove(item);
  }

  /// The value of $STANDARD_INFORMATION, to be changed.
  byte[] standard() throws IOException {
    Item item =
        find(AttributeType.STANDARD_INFORMATION, "")
            .filter(found -> found.content().value().length >= StandardInformation.SHORT_SIZE)
            .orElseThrow(() -> Volume.corrupt("standard information", number, "none", "some"));
    return item.content().value();
  }

  /// True when everything has room in one record.
  boolean fits() {
    return used() <= header.length;
  }

  private int used() {
    int sum = LittleEndian.u16(header, 0x14) + END_SIZE;
    for (Item item : items) {
      sum += RecordFormat.attribute(item, 0, volume.boot.clusterBits()).length;
    }
    return sum;
  }

  /// The file is no more: its record is emptied, and its number is another's next time.
  void free() {
    freed = true;
    items.clear();
  }

  /// Puts the attributes into the record. Records that extended it are freed: what they held has
  /// room in the first one again.
  ///
  /// @param records takes back records
  /// @param clusters takes back the clusters of an attribute list
  void store(Records records, ClusterAllocator clusters) throws IOException {
    if (freed) {
      clusters.free(listRuns);
      for (long extension : extensions) {
        records.free(extension);
      }
      records.free(number);
      return;
    }
    if (!fresh && Arrays.equals(before, image())) {
      return;
    }
    makeRoom(clusters);
    for (long extension : extensions) {
      records.free(extension);
    }
    clusters.free(listRuns);
    int rank = number == Volume.MFT ? Commit.MFT : Commit.USED;
    byte[] record =
        fresh
            ? volume.units.create(volume.mft(), number)
            : volume.units.edit(volume.mft(), number, rank);
    if (fresh) {
      System.arraycopy(header, 0, record, 0, header.length);
    }
    int at = LittleEndian.u16(header, 0x14);
    System.arraycopy(header, 0x10, record, 0x10, 0x08);
    int next = LittleEndian.u16(header, 0x28);
    for (Item item : items) {
      int instance = item.instance() == NEW ? next++ : item.instance();
      byte[] bytes = RecordFormat.attribute(item, instance, volume.boot.clusterBits());
      System.arraycopy(bytes, 0, record, at, bytes.length);
      at += bytes.length;
    }
    LittleEndian.put16(record, 0x28, next);
    LittleEndian.put32(record, at, AttributeType.END);
    LittleEndian.put32(record, at + 4, 0);
    LittleEndian.put32(record, 0x18, at + END_SIZE);
    Arrays.fill(record, at + END_SIZE, record.length, (byte) 0);
  }

  /// Moves streams out of a record that is too full.
  private void makeRoom(ClusterAllocator clusters) throws IOException {
    while (!fits()) {
      Item largest =
          items.stream()
              .filter(item -> item.type() == AttributeType.DATA && item.content().isResident())
              .max((a, b) -> Long.compare(a.content().size(), b.content().size()))
              .filter(item -> item.content().size() > 64)
              .orElseThrow(() ->
                  new LimitExceededException(
                      "NTFS: what file record %d is to hold does not fit into one record"
                          .formatted(number)));
      byte[] value = largest.content().value();
      items.set(items.indexOf(largest), largest.with(store(volume, clusters, value)));
    }
  }

  /// Writes bytes to clusters of their own.
  static Content store(Volume volume, ClusterAllocator clusters, byte[] value) throws IOException {
    int bits = volume.boot.clusterBits();
    long count = (value.length + (1L << bits) - 1) >> bits;
    RunList runs = clusters.allocate(count, -1);
    int rest = (int) ((count << bits) - value.length);
    volume.units.writeRuns(runs, 0, value);
    if (rest > 0) {
      volume.units.writeRuns(runs, value.length, new byte[rest]);
    }
    Content.Sizes sizes = new Content.Sizes(count << bits, value.length, value.length);
    return Content.nonResident(runs, sizes, 0, 0);
  }
}
