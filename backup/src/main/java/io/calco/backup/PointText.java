package io.calco.backup;

import io.calco.backup.PointCheck.Trial;
import io.calco.backup.Unread.LostFile;
import io.calco.backup.rescue.Run;
import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// A point as the text in its root: `docs/format/restore-point.md`. Fields that are not known are
/// passed over. Of each record what is read stands beside what is written, both in the order of the
/// text; by hand, as finding them out by reflection costs each command a tenth of a second.
final class PointText {
  private static final int VERSION = 1;

  private PointText() {}

  static String encode(RestorePoint point) {
    return FieldWriter.text(point, PointText::put);
  }

  /// @param root what holds the text, for messages
  static RestorePoint decode(String root, String text)
      throws CorruptImageException, UnsupportedFeatureException {
    try {
      FieldReader fields = FieldReader.of(text);
      int version = fields.count("version");
      if (version != VERSION) {
        throw new UnsupportedFeatureException(
            "%s: a restore point of version %d, expected %d: made by a newer Calco"
                .formatted(root, version, VERSION));
      }
      return point(fields);
    } catch (JacksonException e) {
      throw corrupt(root, e.getOriginalMessage());
    } catch (IllegalArgumentException e) {
      throw corrupt(root, e.getMessage());
    }
  }

  private static CorruptImageException corrupt(String root, @Nullable String why) {
    return new CorruptImageException(
        "%s: the text is no restore point's: %s".formatted(root, printable(String.valueOf(why))));
  }

  private static String printable(String text) {
    String line = text.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
    return line.length() > 200 ? line.substring(0, 200) + "…" : line;
  }

  private static RestorePoint point(FieldReader in) {
    return new RestorePoint(
        in.uuid("id"),
        in.time("created"),
        in.text("machine"),
        in.object("remarks", PointText::remarks),
        in.object("origin", PointText::origin),
        in.object("disk", DiskText::disk),
        in.findObject("system", MachineText::system),
        in.texts("keys"),
        in.object("work", PointText::work),
        in.texts("warnings"),
        in.objects("checks", PointText::check),
        in.findObject("unread", PointText::unread),
        in.findObject("hardware", MachineText::hardware),
        in.findObject("domain", MachineText::domain));
  }

  private static void put(FieldWriter out, RestorePoint point) {
    out.put("version", VERSION);
    out.put("id", point.id().toString());
    out.put("created", point.created().toString());
    out.put("machine", point.machine());
    out.object("remarks", point.remarks(), PointText::put);
    out.object("origin", point.origin(), PointText::put);
    out.object("disk", point.disk(), DiskText::put);
    out.optional("system", point.system(), MachineText::put);
    out.put("keys", point.keys());
    out.object("work", point.work(), PointText::put);
    out.put("warnings", point.warnings());
    out.objects("checks", point.checks(), PointText::put);
    out.optional("unread", point.unread(), PointText::put);
    out.optional("hardware", point.hardware(), MachineText::put);
    out.optional("domain", point.domain(), MachineText::put);
  }

  private static Remarks remarks(FieldReader in) {
    return new Remarks(
        in.findText("label"), in.texts("tags"), in.findText("note"), in.findText("hold"));
  }

  private static void put(FieldWriter out, Remarks remarks) {
    out.put("label", remarks.label());
    out.put("tags", remarks.tags());
    out.put("note", remarks.note());
    out.put("hold", remarks.hold());
  }

  private static Origin origin(FieldReader in) {
    return new Origin(
        in.text("host"),
        in.text("user"),
        in.text("source"),
        in.word("kind", Origin.Kind.values(), Origin.Kind::text),
        in.findText("format"),
        in.findText("model"),
        in.findText("serial"),
        in.findInteger("sector-size"),
        in.word("state", Origin.State.values(), Origin.State::text));
  }

  private static void put(FieldWriter out, Origin origin) {
    out.put("host", origin.host());
    out.put("user", origin.user());
    out.put("source", origin.source());
    out.put("kind", origin.kind().text());
    out.put("format", origin.format());
    out.put("model", origin.model());
    out.put("serial", origin.serial());
    origin.sectorSize().ifPresent(size -> out.put("sector-size", size));
    out.put("state", origin.state().text());
  }

  private static BackupWork work(FieldReader in) {
    return new BackupWork(
        in.number("kept"),
        in.number("data"),
        in.number("fresh"),
        in.number("stored"),
        in.findNumber("known"),
        in.number("millis"));
  }

  private static void put(FieldWriter out, BackupWork work) {
    out.put("kept", work.kept());
    out.put("data", work.data());
    out.put("fresh", work.fresh());
    out.put("stored", work.stored());
    out.put("known", work.known());
    out.put("millis", work.millis());
  }

  private static PointCheck check(FieldReader in) {
    return new PointCheck(
        in.word("kind", PointCheck.Kind.values(), PointCheck.Kind::text),
        in.time("at"),
        in.flag("sound"),
        in.text("what"),
        in.findObject("trial", PointText::trial));
  }

  private static void put(FieldWriter out, PointCheck check) {
    out.put("kind", check.kind().text());
    out.put("at", check.at().toString());
    out.put("sound", check.sound());
    out.put("what", check.what());
    out.optional("trial", check.trial(), PointText::put);
  }

  private static Trial trial(FieldReader in) {
    return new Trial(
        in.texts("sought"),
        in.number("millis"),
        in.text("by"),
        in.findText("machine"),
        in.findText("console"));
  }

  private static void put(FieldWriter out, Trial trial) {
    out.put("sought", trial.sought());
    out.put("millis", trial.millis());
    out.put("by", trial.by());
    out.put("machine", trial.machine());
    out.put("console", trial.console());
  }

  private static Unread unread(FieldReader in) {
    return new Unread(
        in.number("bytes"),
        in.count("run-count"),
        in.objects("runs", run -> new Run(run.number("start"), run.number("length"))),
        in.count("file-count"),
        in.objects("files", PointText::lostFile));
  }

  private static void put(FieldWriter out, Unread unread) {
    out.put("bytes", unread.bytes());
    out.put("run-count", unread.runCount());
    out.objects("runs", unread.runs(), PointText::put);
    out.put("file-count", unread.fileCount());
    out.objects("files", unread.files(), PointText::put);
  }

  private static void put(FieldWriter out, Run run) {
    out.put("start", run.start());
    out.put("length", run.length());
  }

  private static LostFile lostFile(FieldReader in) {
    return new LostFile(in.text("volume"), in.text("path"), in.number("bytes"));
  }

  private static void put(FieldWriter out, LostFile file) {
    out.put("volume", file.volume());
    out.put("path", file.path());
    out.put("bytes", file.bytes());
  }
}
