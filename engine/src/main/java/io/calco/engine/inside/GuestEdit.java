package io.calco.engine.inside;

import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.engine.GuestOptions;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.Change;
import io.calco.guest.ChangeApplier;
import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import io.calco.guest.personalise.CopyIn;
import io.calco.guest.personalise.HostFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Changes of a guest's files that a user asks for. Each is drafted first; what is asked for in
/// vain changes nothing. A disk that a machine uses is refused.
public final class GuestEdit {
  private GuestEdit() {}

  /// Whether a change is made or only told.
  public enum Mode {
    DRY_RUN,
    MAKE
  }

  @FunctionalInterface
  private interface Planner {
    void plan(Draft draft) throws IOException;
  }

  /// Copies files and directories of the host into the guest: root's, with the permissions that
  /// they have here.
  ///
  /// @param place a directory that is there, or ends with `/`, to copy into; otherwise the copy's
  ///   own path
  /// @return the changes, in their order
  public static List<Change> copyIn(
      List<Path> sources, GuestPath place, GuestOptions options, Mode mode, JobContext job)
      throws IOException {
    return change(
        place,
        options,
        mode,
        job,
        draft -> {
          HostFiles files = new HostFiles(draft);
          boolean into = sources.size() > 1 && !draft.isDirectory(place.path());
          for (Path source : sources) {
            files.copy(new CopyIn(source, into ? place.path() + "/" : place.path()));
          }
        });
  }

  /// Changes the text of a file that is there; owner, permissions and labels stay.
  ///
  /// @return the changes; none when the text stays the same
  /// @throws OperationException when there is no regular file at the place
  public static List<Change> edit(
      GuestPath place,
      GuestOptions options,
      UnaryOperator<String> editor,
      Mode mode,
      JobContext job)
      throws IOException {
    return change(
        place,
        options,
        mode,
        job,
        draft -> {
          if (!draft.isFile(place.path())) {
            throw new OperationException(
                Kind.NOT_FOUND,
                "%s: there is no regular file %s in the guest"
                    .formatted(place.disk(), place.path()));
          }
          draft.edit(place.path(), editor);
        });
  }

  private static List<Change> change(
      GuestPath place, GuestOptions options, Mode mode, JobContext job, Planner planner)
      throws IOException {
    Access access = mode == Mode.MAKE ? Access.WRITE : Access.READ;
    try (GuestFiles files = GuestFiles.open(place, options, access)) {
      GuestTree tree = files.tree();
      Draft draft = new Draft(tree, List.of(), Instant.now());
      planner.plan(draft);
      List<Change> changes = draft.takeSection().changes();
      if (mode == Mode.MAKE && !changes.isEmpty()) {
        requireWritable(place, tree);
        new ChangeApplier(tree, job).apply(changes);
      }
      return changes;
    }
  }

  private static void requireWritable(GuestPath place, GuestTree tree) {
    Optional<String> readOnly =
        tree.mounts().values().stream()
            .filter(volume -> !volume.fileSystem().writable())
            .map(volume -> volume.describe())
            .findFirst();
    if (readOnly.isPresent()) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          "%s: %s cannot be written so".formatted(place.disk(), readOnly.get()),
          "leave out the partition: the guest's own tree is what is written");
    }
  }
}
