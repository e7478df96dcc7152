package io.calco.cli;

import io.calco.engine.EncryptedVolume;
import io.calco.engine.Generalisation;
import io.calco.engine.WritingEngine;
import io.calco.guest.Change;
import io.calco.guest.generalise.PlannedOperation;
import io.calco.guest.generalise.PlannedOperation.Outcome;
import java.io.PrintStream;
import java.util.Locale;

/// What generalising did, or would do, as text and JSON.
final class GeneralisationText {
  private GeneralisationText() {}

  static Json.Fields json(Generalisation done) {
    return Json.object()
        .put("os", done.os())
        .put("engine", done.engine().label())
        .put("bytes-removed", done.plan().bytesRemoved())
        .put("bytes-wiped", done.wipedBytes())
        .put("operations", done.plan().operations().stream().map(GeneralisationText::json).toList())
        .put("kept", done.plan().kept())
        .put("encrypted-volumes", done.encrypted().stream().map(GeneralisationText::json).toList())
        .put("warnings", done.warnings());
  }

  private static Json.Fields json(EncryptedVolume volume) {
    return Json.object()
        .put("name", volume.name())
        .put("uuid", volume.uuid())
        .put("open", volume.open())
        .put(
            "reencryption",
            volume
                .reencryption()
                .map(done ->
                    Json.object()
                        .put("kept-slots", done.keptSlots())
                        .put("removed-slots", done.removedSlots())
                        .put("bytes", done.length())));
  }

  private static Json.Fields json(PlannedOperation operation) {
    return Json.object()
        .put("name", operation.name())
        .put("outcome", operation.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .put("removed", operation.removed())
        .put("changed", operation.changed())
        .put(
            "changes",
            operation.changes().stream()
                .map(change ->
                    Json.object().put("action", change.action()).put("path", change.path()))
                .toList())
        .put("notes", operation.notes());
  }

  static void printPreview(PrintStream out, Generalisation would) {
    for (PlannedOperation operation : would.plan().operations()) {
      if (!operation.changes().isEmpty() || !operation.notes().isEmpty()) {
        out.println(operation.name() + ":");
        for (Change change : operation.changes()) {
          out.println("  " + Text.safe(change.describe()));
        }
        operation.notes().forEach(note -> out.println("  note: " + Text.safe(note)));
      }
    }
    printEncrypted(out, would);
    would.plan().kept().forEach(path -> out.println("kept: " + Text.safe(path)));
    out.printf(
        "%d changes, %s of content; nothing was changed.%n",
        would.plan().changes().size(), Text.size(would.plan().bytesRemoved()));
  }

  static void printSummary(PrintStream out, Generalisation done) {
    Table table = new Table("OPERATION", "REMOVED", "CHANGED", "BYTES");
    for (PlannedOperation operation : done.plan().operations()) {
      if (operation.outcome() == Outcome.CHANGES) {
        table.add(
            operation.name(),
            operation.removed(),
            operation.changed(),
            Text.size(operation.bytesRemoved()));
      }
    }
    table.print(out);
    for (PlannedOperation operation : done.plan().operations()) {
      operation
          .notes()
          .forEach(note -> out.println("note: " + operation.name() + ": " + Text.safe(note)));
    }
    printEncrypted(out, done);
    if (done.engine() == WritingEngine.LIBGUESTFS) {
      out.println("written through libguestfs: Calco itself only reads one of the file systems");
    }
    out.println();
  }

  private static void printEncrypted(PrintStream out, Generalisation done) {
    for (EncryptedVolume volume : done.encrypted()) {
      volume
          .reencryption()
          .ifPresent(change ->
              out.printf(
                  "%s: encrypted anew, %s; opened by slots %s, removed were %s%n",
                  Text.safe(volume.name()),
                  Text.size(change.length()),
                  change.keptSlots(),
                  change.removedSlots().isEmpty() ? "none" : change.removedSlots()));
    }
    done.warnings().forEach(warning -> out.println("warning: " + Text.safe(warning)));
  }
}
