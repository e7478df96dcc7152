package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.cli.Syntax.Flag;
import io.calco.engine.Calco;
import io.calco.engine.Doctor;
import io.calco.engine.Doctor.Finding;
import io.calco.engine.images.ImageDoctor;
import io.calco.engine.images.ImageService;
import io.calco.engine.machine.MachineDoctor;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `calco doctor`.
final class DoctorCommand extends HomeCommand {
  private final Flag full =
      words.flag(
          "--full", "Read every template's disk whole; without it, sizes, times and metadata.");

  private final Flag rebuild =
      words.flag(
          "--rebuild-images",
          "Record the images anew that the store has and the catalogue does not know, as they"
              + " last were: names, members and origins too.");
  private final StoreKeyFile key = new StoreKeyFile(words);
  private final MachineCommand.Connect connect = new MachineCommand.Connect(words);

  DoctorCommand() {
    super(
        "doctor",
        "Look at every seal, every chain and every image: what is broken, what depends on it, what"
            + " to do.",
        "Also at libvirt's machines and pools, where one answers. Changes nothing, but with"
            + " --rebuild-images.");
    words.exitCodes("0:all is well", "1:something was found");
  }

  @Override
  int run(Calco calco) throws IOException {
    Doctor.Examination found;
    ImageDoctor.Examination images;
    try (Progress progress = progress()) {
      found =
          calco.doctor().examine(full.given() ? Doctor.Depth.FULL : Doctor.Depth.QUICK, progress);
      images = examineImages(calco, progress);
    }
    Optional<MachineDoctor.Examination> machines = connect.examine(calco);
    List<Finding> findings = new ArrayList<>(found.findings());
    findings.addAll(images.findings());
    machines.ifPresent(looked -> findings.addAll(looked.findings()));
    int machineCount = machines.map(MachineDoctor.Examination::machines).orElse(0);
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("templates", found.templates())
              .put("clones", found.clones())
              .put("images", images.images())
              .put("machines", machineCount)
              .put("findings", findings.stream().map(DoctorCommand::json).toList()));
    } else {
      findings.forEach(this::print);
      out()
          .printf(
              "Looked at %s%s%s and %s: %s.%n",
              Text.count(found.templates(), "template version"),
              images.images() == 0 ? "" : ", " + Text.count(images.images(), "image"),
              machineCount == 0 ? "" : ", " + Text.count(machineCount, "machine"),
              Text.count(found.clones(), "clone"),
              findings.isEmpty() ? "all is well" : Text.count(findings.size(), "finding"));
    }
    return findings.isEmpty() ? ExitCode.DONE : ExitCode.NO;
  }

  /// A home without a store gets none by being looked at.
  private ImageDoctor.Examination examineImages(Calco calco, Progress progress) throws IOException {
    if (!Files.isDirectory(calco.home().store())) {
      return new ImageDoctor.Examination(0, List.of());
    }
    try (ImageService images = ImagesCommand.openOwning(calco, key.read())) {
      if (rebuild.given()) {
        for (ImageEntry image : images.doctor().rebuild()) {
          say(Text.safe("recorded: %s (%s)".formatted(image.facts().name(), image.id())));
        }
      }
      return images.doctor().examine(progress);
    }
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
