package io.calco.backup;

import io.calco.backup.LeftOut.Area;

/// What a point says of its disk, as [PointText] has it.
final class DiskText {
  private DiskText() {}

  static DiskFacts disk(FieldReader in) {
    return new DiskFacts(
        in.number("size"),
        in.findInteger("sector-size"),
        in.findText("table"),
        in.findText("table-uuid"),
        in.word("coverage", Coverage.values(), Coverage::text),
        in.findText("content"),
        in.findText("content-uuid"),
        in.findText("label"),
        in.findNumber("used"),
        in.findObject("left-out", DiskText::leftOut),
        in.objects("partitions", DiskText::partition));
  }

  static void put(FieldWriter out, DiskFacts disk) {
    out.put("size", disk.size());
    disk.sectorSize().ifPresent(size -> out.put("sector-size", size));
    out.put("table", disk.table());
    out.put("table-uuid", disk.tableUuid());
    out.put("coverage", disk.coverage().text());
    out.put("content", disk.content());
    out.put("content-uuid", disk.contentUuid());
    out.put("label", disk.label());
    out.put("used", disk.used());
    out.optional("left-out", disk.leftOut(), DiskText::put);
    out.objects("partitions", disk.partitions(), DiskText::put);
  }

  private static PartitionFacts partition(FieldReader in) {
    return new PartitionFacts(
        in.count("number"),
        in.number("start"),
        in.number("length"),
        in.text("type"),
        in.text("type-name"),
        in.text("name"),
        in.findText("uuid"),
        in.flag("active"),
        in.flag("extended"),
        in.findText("content"),
        in.findText("content-uuid"),
        in.findText("label"),
        in.findNumber("used"),
        in.flag("kept"));
  }

  private static void put(FieldWriter out, PartitionFacts partition) {
    out.put("number", partition.number());
    out.put("start", partition.start());
    out.put("length", partition.length());
    out.put("type", partition.type());
    out.put("type-name", partition.typeName());
    out.put("name", partition.name());
    out.put("uuid", partition.uuid());
    out.put("active", partition.active());
    out.put("extended", partition.extended());
    out.put("content", partition.content());
    out.put("content-uuid", partition.contentUuid());
    out.put("label", partition.label());
    out.put("used", partition.used());
    out.put("kept", partition.kept());
  }

  private static LeftOut leftOut(FieldReader in) {
    return new LeftOut(in.number("bytes"), in.objects("areas", DiskText::area));
  }

  private static void put(FieldWriter out, LeftOut leftOut) {
    out.put("bytes", leftOut.bytes());
    out.objects("areas", leftOut.areas(), DiskText::put);
  }

  private static Area area(FieldReader in) {
    return new Area(in.text("volume"), in.text("what"), in.number("bytes"));
  }

  private static void put(FieldWriter out, Area area) {
    out.put("volume", area.volume());
    out.put("what", area.what());
    out.put("bytes", area.bytes());
  }
}
