package io.calco.engine;

import io.calco.catalog.Clone;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.FileCopy;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.disk.Rebase;
import io.calco.disk.VerifyReport;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What linked clones hold beyond their template, as files: `NAME.qcow2` rests on the template's
/// disk, which it names from the root, so that any program opens it wherever it lies. Holds the
/// clone's private host keys, as its disk does. Safe for several threads.
public final class CloneDeltas {
  private static final String FORMAT = "qcow2";

  private final Calco calco;
  private final Actor actor;

  CloneDeltas(Calco calco, Actor actor) {
    this.calco = calco;
    this.actor = actor;
  }

  /// A delta that was written.
  ///
  /// @param ofClone the clone's name
  /// @param size host blocks that it takes, in bytes
  public record Delta(String ofClone, Path file, long size) {}

  private record Linked(Clone facts, TemplateVersion version) {}

  private Linked linked(String name) throws IOException {
    Clone clone = calco.clones(actor).show(name).facts();
    Optional<TemplateVersion> version =
        clone.versionId().isPresent()
            ? calco.catalog().findVersion(clone.versionId().get())
            : Optional.empty();
    if (!clone.linked() || version.isEmpty()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s is a full clone: what it holds beyond its template is not apart".formatted(name),
          "copy its disk: calco disk convert " + clone.disk());
    }
    return new Linked(clone, version.get());
  }

  /// Makes sure that clones' deltas can be written into a directory.
  ///
  /// @throws OperationException when one is a full clone, a machine runs on it, or its file is
  ///   there
  public void requireExportable(List<String> names, Path directory) throws IOException {
    for (String name : names) {
      Linked linked = linked(name);
      calco.clones(actor).requireUnused(name);
      Path file = place(linked.facts(), directory);
      if (Files.exists(file)) {
        throw new OperationException(
            Kind.REFUSED, file + ": exists already", "name another directory");
      }
    }
  }

  private static Path place(Clone clone, Path directory) {
    return directory.toAbsolutePath().normalize().resolve(clone.name() + "." + FORMAT);
  }

  /// Writes a clone's delta into a directory, which is made if it is not there.
  ///
  /// @throws OperationException as from [#requireExportable]
  public Delta export(String name, Path directory, JobContext job) throws IOException {
    requireExportable(List.of(name), directory);
    Linked linked = linked(name);
    Files.createDirectories(directory);
    Path file = place(linked.facts(), directory);
    BesideFile.sweep(file.resolveSibling(""));
    try (BesideFile part = BesideFile.of(file)) {
      FileCopy.copy(linked.facts().disk(), part.path(), job);
      PrivateFile.restrict(part.path());
      Path base = linked.version().disk().toRealPath();
      Rebase.unsafely(part.path(), options(), Optional.of(reference(base, linked.version())));
      part.publish();
    }
    return new Delta(name, file, HostDisks.allocatedSize(file));
  }

  private static BackingReference reference(Path base, TemplateVersion version) {
    return new BackingReference(base.toString(), Optional.of(version.format()));
  }

  private ImageOptions options() throws IOException {
    return ImageOptions.reading().withFormat(FORMAT).with(calco.policy());
  }

  /// Makes a delta a clone's disk again, in place of what that holds now.
  ///
  /// @throws OperationException when it rests on another disk than the clone, or a machine runs on
  ///   the clone
  public CloneReport restore(String name, Path delta, JobContext job) throws IOException {
    Linked linked = linked(name);
    Clone clone = linked.facts();
    calco.clones(actor).requireUnused(name);
    requireSame(delta, linked);
    Path now = clone.disk();
    try (Making making = Making.begin(calco, "import a delta of " + name, List.of(now));
        BesideFile part = BesideFile.of(now)) {
      FileCopy.copy(delta, part.path(), job);
      PrivateFile.restrict(part.path());
      Rebase.unsafely(part.path(), options(), Optional.of(referenceOf(linked)));
      requireSound(delta, part.path(), clone, job);
      part.publishReplacing();
      calco.record(actor, Action.CLONE_IMPORT, name, delta.toString(), making::done);
    }
    return calco.clones(actor).show(name);
  }

  /// As its disk has it now; from the root where there is none.
  private BackingReference referenceOf(Linked linked) throws IOException {
    Path now = linked.facts().disk();
    if (Files.exists(now)) {
      Optional<BackingReference> known = DiskImages.info(now, options()).info().backing();
      if (known.isPresent()) {
        return known.get();
      }
    }
    return reference(linked.version().disk().toRealPath(), linked.version());
  }

  private void requireSame(Path delta, Linked linked) throws IOException {
    Optional<Path> below = DiskImages.info(delta, options()).backingFile();
    Path expected = linked.version().disk();
    boolean same =
        below.isPresent() && Files.exists(below.get()) && Files.isSameFile(below.get(), expected);
    if (!same) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: rests on %s, expected %s, the disk of %s, version %d"
              .formatted(
                  delta,
                  below.map(Path::toString).orElse("nothing"),
                  expected,
                  linked.facts().template(),
                  linked.facts().templateVersion()),
          "where that is the same disk in another place: calco disk rebase -u -b %s -F %s %s"
              .formatted(expected, linked.version().format(), delta));
    }
  }

  private void requireSound(Path delta, Path part, Clone clone, JobContext job) throws IOException {
    try (Image image = Image.open(part, options().with(Access.METADATA))) {
      VerifyReport found = image.verify(job);
      long errors = found.corruptions() + found.checkErrors();
      if (errors > 0) {
        throw new OperationException(
            Kind.CORRUPT,
            "%s: its image has %d errors".formatted(delta, errors),
            "see: calco disk check " + delta);
      }
    }
    long size = DiskImages.info(part, options()).virtualSize();
    if (size != clone.virtualSize()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: virtual size %d, expected the clone's %d"
              .formatted(delta, size, clone.virtualSize()));
    }
  }
}
