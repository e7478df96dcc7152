package io.calco.engine;

import io.calco.catalog.Classroom;
import io.calco.catalog.Clone;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BackingReference;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.disk.VerifyReport;
import io.calco.engine.SealedFile.Scrutiny;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Looks at every seal and every chain, and says what is broken, what suffers from it, and what to
/// do. Changes nothing.
public final class Doctor {
  private final Calco calco;

  Doctor(Calco calco) {
    this.calco = calco;
  }

  /// Something that is not as it should be.
  ///
  /// @param subject what: `template debian12, version 1`, `clone web1`, a file
  /// @param problem one sentence
  /// @param suffers names of the clones that cannot be relied on because of it
  /// @param advice what to do
  public record Finding(String subject, String problem, List<String> suffers, String advice) {
    /// Copies the list.
    public Finding {
      suffers = List.copyOf(suffers);
    }
  }

  /// What was looked at and what was found.
  ///
  /// @param templates versions looked at
  /// @param clones clones looked at
  public record Examination(int templates, int clones, List<Finding> findings) {
    /// Copies the list.
    public Examination {
      findings = List.copyOf(findings);
    }
  }

  /// How closely to look.
  public enum Depth {
    /// Sizes, times, modes, chains and metadata.
    QUICK,
    /// Every byte of every template as well.
    FULL
  }

  /// Looks at everything.
  public Examination examine(Depth depth, JobContext job) throws IOException {
    List<Finding> findings = new ArrayList<>();
    int versions = 0;
    for (Template template : calco.catalog().templates()) {
      for (TemplateVersion version : calco.catalog().versions(template)) {
        versions++;
        examine(template, version, depth, findings, job);
      }
    }
    List<Clone> clones = calco.catalog().clones();
    for (Clone clone : clones) {
      job.checkCancelled();
      examine(clone, findings, job);
    }
    for (Classroom classroom : calco.catalog().classes().all()) {
      findOverQuota(classroom, findings);
    }
    findStrangers(clones, findings);
    return new Examination(versions, clones.size(), findings);
  }

  private void examine(
      Template template,
      TemplateVersion version,
      Depth depth,
      List<Finding> findings,
      JobContext job)
      throws IOException {
    Scrutiny scrutiny = depth == Depth.FULL ? Scrutiny.FULL : Scrutiny.QUICK;
    List<String> problems =
        SealedFile.problems(version.disk(), SealedFile.fingerprint(version), scrutiny, job);
    List<String> suffers =
        calco.catalog().clonesOf(version).stream().filter(Clone::linked).map(Clone::name).toList();
    String subject = "template %s, version %d".formatted(template.name(), version.version());
    for (String problem : problems) {
      findings.add(new Finding(subject, problem, suffers, advice(version, suffers)));
    }
  }

  private String advice(TemplateVersion version, List<String> suffers) throws IOException {
    if (!Files.exists(version.disk())) {
      Optional<Path> moved = findMoved(version);
      return moved.isPresent()
          ? "it was moved: put it back with mv %s %s".formatted(moved.get(), version.disk())
          : "bring %s back from a backup".formatted(version.disk())
              + (suffers.isEmpty() ? "" : "; without it these clones are lost");
    }
    return suffers.isEmpty()
        ? "delete the template and make it anew"
        : "shut these clones off, bring %s back from a backup, and look again"
            .formatted(version.disk());
  }

  /// A file beside the place, or in the pool, with the size and time of the one that is missing.
  private Optional<Path> findMoved(TemplateVersion version) throws IOException {
    for (Path directory : List.of(version.disk().resolveSibling(""), calco.home().pool())) {
      if (!Files.isDirectory(directory)) {
        continue;
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path file : files) {
          if (Files.isRegularFile(file) && SealedFile.looksLike(file, version)) {
            return Optional.of(file);
          }
        }
      }
    }
    return Optional.empty();
  }

  private void examine(Clone clone, List<Finding> findings, JobContext job) throws IOException {
    String subject = "clone " + clone.name();
    List<String> itself = List.of(clone.name());
    if (!Files.exists(clone.disk())) {
      boolean resettable =
          clone.versionId().isPresent() && Files.exists(calco.firstOf(clone.name()));
      findings.add(
          new Finding(
              subject,
              "its disk is missing: " + clone.disk(),
              itself,
              resettable
                  ? "put it back, or begin anew: calco clone reset " + clone.name()
                  : "put it back, or: calco clone delete " + clone.name()));
      return;
    }
    if (clone.versionId().isPresent() && !Files.exists(calco.firstOf(clone.name()))) {
      findings.add(
          new Finding(
              subject,
              "its first state is missing: " + calco.firstOf(clone.name()),
              List.of(),
              "it works, but cannot be reset; bring the file back from a backup"));
    }
    try {
      ImageOptions stated =
          ImageOptions.reading()
              .withFormat(clone.format())
              .with(calco.policy())
              .with(Access.METADATA);
      try (Image image = Image.open(clone.disk(), stated)) {
        checkBacking(clone, image, findings);
        if (!clone.format().equals("raw")) {
          checkMetadata(clone, image.verify(job), findings);
        }
      }
    } catch (IOException e) {
      findings.add(
          new Finding(
              subject,
              String.valueOf(OperationException.of(e).getMessage()),
              itself,
              "begin anew: calco clone reset " + clone.name()));
    }
  }

  private void checkBacking(Clone clone, Image image, List<Finding> findings) throws IOException {
    if (!clone.linked()) {
      return;
    }
    Optional<BackingReference> reference = image.info().backing();
    Optional<Path> expected =
        clone.versionId().isPresent()
            ? calco.catalog().findVersion(clone.versionId().get()).map(TemplateVersion::disk)
            : Optional.empty();
    Optional<Path> actual = reference.map(r -> clone.disk().resolveSibling(r.name()).normalize());
    if (!actual.equals(expected.map(Path::normalize))) {
      findings.add(
          new Finding(
              "clone " + clone.name(),
              "it rests on %s, expected %s"
                  .formatted(
                      actual.map(Path::toString).orElse("nothing"),
                      expected.map(Path::toString).orElse("its template")),
              List.of(clone.name()),
              "if it was rebased or flattened on purpose, flatten it here too: calco clone flatten "
                  + clone.name()));
    }
  }

  private static void checkMetadata(Clone clone, VerifyReport report, List<Finding> findings) {
    if (report.corruptions() + report.checkErrors() > 0) {
      findings.add(
          new Finding(
              "clone " + clone.name(),
              "its image has %d errors: %s"
                  .formatted(
                      report.corruptions() + report.checkErrors(),
                      report.findings().isEmpty() ? "" : report.findings().getFirst()),
              List.of(clone.name()),
              "with the machine shut off: calco disk check -r all " + clone.disk()));
    } else if (report.leaks() > 0) {
      findings.add(
          new Finding(
              "clone " + clone.name(),
              "%d clusters of its image are taken and not used".formatted(report.leaks()),
              List.of(),
              "with the machine shut off: calco disk check -r leaks " + clone.disk()));
    }
  }

  private void findOverQuota(Classroom classroom, List<Finding> findings) throws IOException {
    for (Classroom.Place place : calco.catalog().classes().places(classroom)) {
      long size = HostDisks.allocatedSize(place.seated().disk());
      if (size > classroom.quota().orElse(Long.MAX_VALUE)) {
        findings.add(
            new Finding(
                "clone " + place.seated().name(),
                "its disk takes %d bytes, over the quota of %d bytes of class %s"
                    .formatted(size, classroom.quota().orElseThrow(), classroom.name()),
                List.of(),
                "begin anew: calco clone reset %s; or raise it: calco class set %s --quota SIZE"
                    .formatted(place.seated().name(), classroom.name())));
      }
    }
  }

  private void findStrangers(List<Clone> clones, List<Finding> findings) throws IOException {
    Set<Path> seeds = new HashSet<>();
    for (Clone clone : clones) {
      CloneSeed.of(clone).ifPresent(seeds::add);
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(calco.home().pool())) {
      for (Path file : files) {
        boolean part = file.getFileName().toString().endsWith(".part");
        boolean known = part || seeds.contains(file) || calco.catalog().knowsDisk(below(file));
        if (Files.isRegularFile(file) && !known) {
          findings.add(
              new Finding(
                  file.toString(),
                  "it lies in the pool, and no template or clone has it",
                  List.of(),
                  "move it away, or delete it"));
        }
      }
    }
  }

  /// The disk of a frozen machine, where a file is what its guest writes (libvirt names it).
  private static Path below(Path file) {
    String name = file.getFileName().toString();
    int end = name.indexOf(".TRANSIENT-");
    return end > 0 ? file.resolveSibling(name.substring(0, end)) : file;
  }
}
