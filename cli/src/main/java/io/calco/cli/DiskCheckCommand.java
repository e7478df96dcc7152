package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.disk.RepairScope;
import io.calco.disk.VerifyReport;
import io.calco.engine.DiskImages;
import io.calco.engine.OperationException;
import io.calco.engine.UntrustedCheck;
import java.io.IOException;
import java.nio.file.Path;

/// `calco disk check`.
final class DiskCheckCommand extends CommandBase {
  private static final int FAILED = 1;
  private static final int ERRORS = 2;
  private static final int LEAKS = 3;
  private static final int NOTHING_TO_CHECK = 63;

  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Value<Repair> repair =
      words.option("-r, --repair", "WHAT", Repair.class, "Mend: ${COMPLETION-CANDIDATES}.");

  private final Flag untrusted =
      words.flag(
          "--untrusted", "Tell whether the image is safe to take in from a stranger, instead.");

  private final Value<Path> file = words.parameter("FILE", Path.class, "The image file.");

  DiskCheckCommand() {
    super("check", "Compare an image's metadata with its format's rules, and mend it if asked.");
    DiskCommand.acceptSourceCache(words);
    words.examples(
        "calco disk check -r leaks vm.qcow2", "calco disk check --untrusted -f qcow2 download.img");
    words.exitCodes(
        " 0:no error",
        " 1:the check could not be done",
        " 2:errors were found, or it is not safe to take in",
        " 3:only leaked clusters were found",
        "63:the format has nothing that could be checked");
  }

  /// What `-r` takes.
  enum Repair {
    leaks,
    all
  }

  @Override
  int run() throws IOException {
    if (untrusted.given()) {
      return runUntrusted();
    }
    VerifyReport report;
    try (Progress progress = progress()) {
      report = verify(progress);
    }
    if (json()) {
      Json.print(out(), json(report));
    } else {
      print(report);
    }
    if (report.checkErrors() > 0) {
      return FAILED;
    }
    return report.corruptions() > 0 ? ERRORS : report.leaks() > 0 ? LEAKS : ExitCode.DONE;
  }

  @Override
  int exitCode(OperationException.Kind kind) {
    return switch (kind) {
      case UNSUPPORTED -> NOTHING_TO_CHECK;
      case CANCELLED -> ExitCode.CANCELLED;
      default -> FAILED;
    };
  }

  private int runUntrusted() throws IOException {
    if (repair.given()) {
      throw new OperationException(
          OperationException.Kind.USAGE, "--untrusted only looks: it does not go with -r");
    }
    UntrustedCheck.Verdict verdict = UntrustedCheck.of(file.get(), source.options().format());
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("filename", file.get())
              .put("format", verdict.format())
              .put("safe", verdict.safe())
              .put("risks", verdict.risks()));
    } else {
      String name = DiskCommand.name(file.get());
      verdict.risks().forEach(risk -> out().println(name + ": " + Text.safe(risk)));
      out().println(name + (verdict.safe() ? ": safe to take in." : ": not safe to take in."));
    }
    return verdict.safe() ? ExitCode.DONE : ERRORS;
  }

  private VerifyReport verify(Progress progress) throws IOException {
    if (!repair.given()) {
      return DiskImages.verify(file.get(), source.options(), progress);
    }
    RepairScope scope = repair.get() == Repair.all ? RepairScope.ALL : RepairScope.LEAKS;
    return DiskImages.repair(file.get(), source.options(), scope, progress);
  }

  private Json.Fields json(VerifyReport report) throws IOException {
    Json.Fields all =
        Json.object()
            .put("filename", file.get())
            .put("format", DiskImages.info(file.get(), source.options()).format())
            .put("check-errors", report.checkErrors())
            .put("image-end-offset", report.imageEndOffset())
            .put("total-clusters", report.totalClusters())
            .put("allocated-clusters", report.allocatedClusters())
            .put("fragmented-clusters", report.fragmentedClusters())
            .put("compressed-clusters", report.compressedClusters());
    putFound(all, "corruptions", report.corruptions());
    putFound(all, "corruptions-fixed", report.corruptionsFixed());
    putFound(all, "leaks", report.leaks());
    putFound(all, "leaks-fixed", report.leaksFixed());
    return all;
  }

  private static void putFound(Json.Fields fields, String name, long count) {
    if (count > 0) {
      fields.put(name, count);
    }
  }

  private void print(VerifyReport report) {
    report.findings().forEach(finding -> out().println(Text.safe(finding)));
    if (report.corruptionsFixed() + report.leaksFixed() > 0) {
      out()
          .printf(
              "Mended: %d errors, %d leaked clusters.%n",
              report.corruptionsFixed(), report.leaksFixed());
    }
    if (report.clean()) {
      out().println("No errors were found on the image.");
    } else {
      out()
          .printf(
              "%d errors and %d leaked clusters were found on the image.%n",
              report.corruptions(), report.leaks());
    }
    if (report.totalClusters() > 0) {
      out()
          .printf(
              "%d/%d clusters allocated (%.2f%%), %d fragmented, %d compressed.%n",
              report.allocatedClusters(),
              report.totalClusters(),
              100.0 * report.allocatedClusters() / report.totalClusters(),
              report.fragmentedClusters(),
              report.compressedClusters());
      out().println("Image end offset: " + report.imageEndOffset());
    }
  }
}
