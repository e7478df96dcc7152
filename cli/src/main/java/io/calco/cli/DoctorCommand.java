package io.calco.cli;

import io.calco.engine.Calco;
import io.calco.engine.Doctor;
import io.calco.engine.Doctor.Finding;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `calco doctor`.
@Command(
    name = "doctor",
    description = {
      "Look at every seal and every chain: what is broken, what depends on it, what to do.",
      "Changes nothing."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all is well", "1:something was found"})
final class DoctorCommand extends HomeCommand {
  @Option(
      names = "--full",
      description = "Read every template's disk whole; without it, sizes, times and metadata.")
  private boolean full;

  @Override
  int run(Calco calco) throws IOException {
    Doctor.Examination found;
    try (Progress progress = progress()) {
      found = calco.doctor().examine(full ? Doctor.Depth.FULL : Doctor.Depth.QUICK, progress);
    }
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("templates", found.templates())
              .put("clones", found.clones())
              .put("findings", found.findings().stream().map(DoctorCommand::json).toList()));
    } else {
      found.findings().forEach(this::print);
      out()
          .printf(
              "Looked at %s and %s: %s.%n",
              Text.count(found.templates(), "template version"),
              Text.count(found.clones(), "clone"),
              found.findings().isEmpty()
                  ? "all is well"
                  : Text.count(found.findings().size(), "finding"));
    }
    return found.findings().isEmpty() ? ExitCode.DONE : ExitCode.NO;
  }

  private static Json.Fields json(Finding finding) {
    return Json.object()
        .put("subject", finding.subject())
        .put("problem", finding.problem())
        .put("suffers", finding.suffers())
        .put("advice", finding.advice());
  }

  private void print(Finding finding) {
    out().println(Text.safe(finding.subject() + ": " + finding.problem()));
    if (!finding.suffers().isEmpty()) {
      out().println("  suffers: " + String.join(", ", finding.suffers()));
    }
    out().println("  to do:   " + Text.safe(finding.advice()));
  }
}
