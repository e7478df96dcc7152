package io.calco.cli;

import io.calco.store.CollectionPlan;
import io.calco.store.CollectionReport;
import java.io.PrintStream;

/// Tells what collecting a store would do, or did.
final class CollectionText {
  private CollectionText() {}

  /// Answers with what would be done.
  static void tell(CommandBase command, CollectionPlan plan) {
    if (command.json()) {
      Json.print(command.out(), json(plan));
    } else {
      print(command.out(), plan);
    }
  }

  /// Answers with what was done.
  static void tell(CommandBase command, CollectionReport report) {
    if (command.json()) {
      Json.print(command.out(), json(report));
    } else {
      print(command.out(), report);
    }
  }

  static Json.Fields json(CollectionPlan plan) {
    return Json.object()
        .put("unneeded-packs", plan.unneededPacks())
        .put("unneeded-bytes", plan.unneededBytes())
        .put("rewritten-packs", plan.rewrittenPacks())
        .put("rewritten-bytes", plan.rewrittenBytes())
        .put("kept-bytes", plan.keptBytes())
        .put("waiting-packs", plan.condemnedPacks())
        .put("waiting-bytes", plan.condemnedBytes())
        .put("freed-bytes", plan.freedBytes())
        .put("uploads", plan.uploads());
  }

  static Json.Fields json(CollectionReport report) {
    return Json.object()
        .put("deleted-packs", report.deletedPacks())
        .put("deleted-bytes", report.deletedBytes())
        .put("rewritten-bytes", report.movedBytes())
        .put("waiting-packs", report.condemnedPacks())
        .put("awaited-uploads", report.awaitedSessions());
  }

  static void print(PrintStream out, CollectionPlan plan) {
    out.printf(
        "To delete:  %s, %s%n",
        Text.count(plan.unneededPacks(), "pack"), Text.size(plan.unneededBytes()));
    out.printf(
        "To rewrite: %s, %s, of which %s are needed%n",
        Text.count(plan.rewrittenPacks(), "pack"),
        Text.size(plan.rewrittenBytes()),
        Text.size(plan.keptBytes()));
    if (plan.condemnedPacks() > 0) {
      out.printf(
          "Waiting:    %s, %s, for uploads to end%n",
          Text.count(plan.condemnedPacks(), "pack"), Text.size(plan.condemnedBytes()));
    }
    out.printf("Free then:  %s%n", Text.size(plan.freedBytes()));
  }

  static void print(PrintStream out, CollectionReport report) {
    out.printf(
        "Deleted %s, %s; rewrote %s.%n",
        Text.count(report.deletedPacks(), "pack"),
        Text.size(report.deletedBytes()),
        Text.size(report.movedBytes()));
    if (report.condemnedPacks() > 0) {
      out.printf(
          "%s more will go when %s ended.%n",
          Text.count(report.condemnedPacks(), "pack"),
          report.awaitedSessions() == 1
              ? "an upload that runs has"
              : report.awaitedSessions() + " uploads that run have");
    }
  }
}
