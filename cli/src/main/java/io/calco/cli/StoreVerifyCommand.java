package io.calco.cli;

import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.store.HomeStore;
import io.calco.engine.store.StoreVerification;
import io.calco.store.StoreReport;
import java.io.IOException;
import java.io.PrintStream;
import java.util.function.UnaryOperator;

/// `calco store verify`.
final class StoreVerifyCommand extends StoreCommand.OnStore {
  private static final int FAILED = 1;
  private static final int LOSSES = 2;
  private static final int DAMAGES = 3;

  StoreVerifyCommand() {
    super(
        "verify",
        "Read all that is stored and compare it with its hashes.",
        "Finds any bit that is not as it was written, and names the images that suffer. Works"
            + " beside a server.");
    words.examples("calco store verify", "calco store verify --output json");
    declareExitCodes(words);
  }

  static void declareExitCodes(Syntax words) {
    words.exitCodes(
        " 0:all is as it was written",
        " 1:it could not be done",
        " 2:images have lost content",
        " 3:something is damaged, but no image has lost anything");
  }

  @Override
  int run(Calco calco, HomeStore store) throws IOException {
    StoreVerification found;
    try (Progress progress = progress()) {
      found = store.verify(calco, progress);
    }
    return tell(this, found);
  }

  /// Prints what was found; the exit code.
  static int tell(CommandBase command, StoreVerification found) {
    if (command.json()) {
      Json.print(command.out(), json(found));
    } else {
      print(command.out(), found);
    }
    return found.sound() ? ExitCode.DONE : found.sufferers().isEmpty() ? DAMAGES : LOSSES;
  }

  @Override
  int exitCode(OperationException.Kind kind) {
    return exitCodeOf(kind);
  }

  static int exitCodeOf(OperationException.Kind kind) {
    return kind == OperationException.Kind.CANCELLED ? ExitCode.CANCELLED : FAILED;
  }

  private static Json.Fields json(StoreVerification found) {
    StoreReport report = found.report();
    return Json.object()
        .put("sound", found.sound())
        .put("packs", report.packs())
        .put("pieces", report.pieces())
        .put("bytes", report.bytes())
        .put("damages", LossText.damages(report.damages()))
        .put("sufferers", found.sufferers().stream().map(StoreVerifyCommand::json).toList());
  }

  private static Json.Fields json(StoreVerification.Sufferer sufferer) {
    return Json.object()
        .put("root", sufferer.holder().root())
        .put("image", sufferer.holder().imageId())
        .put("name", sufferer.holder().name())
        .put("lost-bytes", sufferer.bytes())
        .put("losses", LossText.losses(sufferer.losses()));
  }

  private static void print(PrintStream out, StoreVerification found) {
    LossText.printDamages(out, found.report().damages());
    for (StoreVerification.Sufferer sufferer : found.sufferers()) {
      out.println(
          Text.safe(sufferer.holder().text())
              + ": "
              + (sufferer.bytes() > 0 ? Text.size(sufferer.bytes()) + " lost" : "lost"));
      LossText.printLosses(out, sufferer.losses(), UnaryOperator.identity());
    }
    out.printf(
        "Read %s, %s, %s: %s.%n",
        Text.count(found.report().packs(), "pack"),
        Text.count(found.report().pieces(), "piece"),
        Text.size(found.report().bytes()),
        verdict(found));
  }

  private static String verdict(StoreVerification found) {
    if (found.sound()) {
      return "all is as it was written";
    }
    String damages = Text.count(found.report().damages().size(), "damage");
    return found.sufferers().isEmpty()
        ? damages + ", and no image has lost anything; calco store repair mends it"
        : "%s, and %s lost content; calco store repair --from another store may have it"
            .formatted(
                damages,
                found.sufferers().size() == 1
                    ? "1 image has"
                    : found.sufferers().size() + " images have");
  }
}
