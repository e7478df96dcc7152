package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.store.HomeStore;
import io.calco.engine.store.StoreSecret;
import io.calco.store.CopyReport;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// `calco store copy`.
final class StoreCopyCommand extends StoreCommand.OnStore {
  private final Value<String> to =
      words.parameter(
          "TO", String.class, "The store to copy to, by its address; calco store init makes one.");
  private final Value<String> toKeyFile =
      words.option(
          "--to-passphrase-file",
          "FILE",
          String.class,
          "Holds the passphrase of the store to copy to, when that is encrypted; - for standard"
              + " input.");
  private final Values<String> roots =
      words.options(
          "--root",
          "NAME",
          String.class,
          "Copy only what is called so; may be repeated. Otherwise all that the store holds.");
  private final Flag dryRun =
      words.flag("-n, --dry-run", "Only tell what would be copied, by name.");

  StoreCopyCommand() {
    super(
        "copy",
        "Copy what another store does not have to it: all content, with its names.",
        "Each piece is compared with its hash before it is sent, and none is sent that is there."
            + " The stores may have different keys, or none. What was cut off goes on where it"
            + " was; nothing is deleted.");
    words.examples(
        "calco store copy /mnt/usb/calco",
        "calco store copy --to-passphrase-file off-site.txt sftp://ana@nas/srv/calco",
        "calco store copy --store /mnt/usb/calco -r 5M s3://backups/calco");
    words.exitCodes("0:all is there", "1:something is damaged here and was not copied");
  }

  @Override
  int run(Calco calco, HomeStore store) throws IOException {
    if (keyFile().isStandardInput() && toKeyFile.optional().filter("-"::equals).isPresent()) {
      throw new OperationException(Kind.USAGE, "both passphrases cannot be on standard input");
    }
    try (StoreSecret secret =
            toKeyFile.given()
                ? StoreSecret.owning(PassphraseFile.readLine(toKeyFile.get()))
                : StoreSecret.none();
        HomeStore target = HomeStore.at(to.get(), options(), secret)) {
      Set<String> names = Set.copyOf(roots.all());
      if (dryRun.given()) {
        tell(store.planCopy(target, names));
        return ExitCode.DONE;
      }
      CopyReport report;
      try (Progress progress = progress()) {
        report = store.copyTo(target, names, progress);
      }
      tell(report);
      return report.failed().isEmpty() ? ExitCode.DONE : ExitCode.NO;
    }
  }

  private void tell(List<String> names) {
    if (json()) {
      Json.print(out(), names);
    } else {
      names.forEach(name -> out().println(Text.safe(name)));
    }
  }

  private void tell(CopyReport report) {
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("copied", report.copied())
              .put("present", report.present())
              .put("pieces", report.pieces())
              .put("bytes", report.bytes())
              .put(
                  "failed",
                  report.failed().stream()
                      .map(failed ->
                          Json.object().put("root", failed.name()).put("what", failed.why()))
                      .toList()));
      return;
    }
    report
        .failed()
        .forEach(failed -> out().println(Text.safe(failed.name() + ": " + failed.why())));
    out()
        .printf(
            "Copied %d, %s; %d there already%s.%n",
            report.copied(),
            Text.size(report.bytes()),
            report.present(),
            report.failed().isEmpty()
                ? ""
                : "; %d damaged here and not copied".formatted(report.failed().size()));
  }
}
