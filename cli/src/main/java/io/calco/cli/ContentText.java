package io.calco.cli;

import io.calco.disk.ami.MachineFile;
import io.calco.disk.ami.MachineImage;
import io.calco.disk.iso.IsoVolume;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What raw images are recognised to be: discs, and parts of machine images.
final class ContentText {
  private ContentText() {}

  static Json.Fields json(IsoVolume disc) {
    return Json.object()
        .put("type", "iso9660")
        .put("label", disc.volumeId())
        .put("system", disc.systemId())
        .put("application", disc.applicationId())
        .put("size", disc.size())
        .put("boots", boots(disc))
        .put("tables", tables(disc))
        .put("extensions", extensions(disc));
  }

  static Json.Fields json(MachineImage machine) {
    return Json.object()
        .put("name", machine.name())
        .put("files", machine.files().stream().map(ContentText::json).toList());
  }

  private static Json.Fields json(MachineFile file) {
    return Json.object()
        .put("kind", kind(file))
        .put("filename", file.name())
        .put("file-size", file.fileSize())
        .put("content", file.what());
  }

  /// @param present bytes that the image has
  static void print(PrintStream out, IsoVolume disc, long present) {
    out.println("content: ISO 9660 disc" + quoted(disc.volumeId()));
    long size = disc.size();
    out.println("    size: " + Text.size(size) + " (" + size + " bytes)");
    if (size > present) {
      out.println("    missing at the end: " + (size - present) + " bytes");
    }
    print(out, "boots", boots(disc));
    print(out, "hybrid, also has", tables(disc));
    print(out, "also readable as", extensions(disc));
  }

  private static String quoted(String label) {
    return label.isEmpty() ? "" : " \"" + Text.safe(label) + "\"";
  }

  private static void print(PrintStream out, String label, List<String> values) {
    if (!values.isEmpty()) {
      out.println("    " + label + ": " + String.join(", ", values));
    }
  }

  static void print(PrintStream out, MachineImage machine) {
    out.println("machine image: " + Text.safe(machine.name()));
    Table table = new Table("    KIND", "FILE", "SIZE", "CONTENT");
    for (MachineFile file : machine.files()) {
      table.add("    " + kind(file), file.name(), Text.size(file.fileSize()), file.what());
    }
    table.print(out);
  }

  private static String kind(MachineFile file) {
    return file.kind().name().toLowerCase(Locale.ROOT);
  }

  /// The firmware that finds something to start.
  private static List<String> boots(IsoVolume disc) {
    return disc.boot().stream()
        .filter(IsoVolume.BootEntry::bootable)
        .map(IsoVolume.BootEntry::platform)
        .distinct()
        .map(platform ->
            switch (platform) {
              case BIOS -> "BIOS";
              case EFI -> "UEFI";
              case POWERPC -> "PowerPC";
              case MAC -> "Mac";
              case OTHER -> "other";
            })
        .toList();
  }

  private static List<String> tables(IsoVolume disc) {
    return disc.beside().stream()
        .sorted()
        .map(table ->
            switch (table) {
              case MBR -> "MBR";
              case GPT -> "GPT";
              case APPLE -> "Apple partition map";
            })
        .toList();
  }

  private static List<String> extensions(IsoVolume disc) {
    List<String> found = new ArrayList<>();
    if (disc.joliet()) {
      found.add("Joliet");
    }
    if (disc.rockRidge()) {
      found.add("Rock Ridge");
    }
    if (disc.udf()) {
      found.add("UDF");
    }
    return found;
  }
}
