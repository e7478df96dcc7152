package io.calco.engine.repository.hosted;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.identity.Caller;
import io.calco.engine.store.FreeRoom;
import io.calco.store.backend.LocalDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;

/// The repositories in a directory, each of a project.
///
/// Thread rule: safe for several threads.
public final class HostedRepositories {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  /// What every identity calls its projects, as far as it is a directory's name.
  private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /// Ours: nobody makes us count more often.
  private static final Duration REFUSED_AFTER = Duration.ofMinutes(1);

  private final Hosting hosting;
  private final AuditLog audit;
  private final FreeRoom room;
  private final ConcurrentMap<Path, HostedPlace> places = new ConcurrentHashMap<>();

  /// By the directories of projects.
  private final ConcurrentMap<Path, ProjectQuota> quotas = new ConcurrentHashMap<>();

  private HostedRepositories(Hosting hosting, AuditLog audit, FreeRoom room) {
    this.hosting = hosting;
    this.audit = audit;
    this.room = room;
  }

  /// Opens the directory, made if it is not there.
  public static HostedRepositories open(Hosting hosting, AuditLog audit) throws IOException {
    LocalDirectory.create(hosting.directory()).close();
    return new HostedRepositories(
        hosting, audit, FreeRoom.at(hosting.directory(), hosting.reserve()));
  }

  /// A repository of the caller's project.
  ///
  /// @throws OperationException NOT_FOUND when there is none of that name, USAGE when there cannot
  ///   be, DENIED without a role in a project
  public HostedRepository get(Caller caller, String name) throws IOException {
    Path directory = directory(caller, name);
    if (!Files.isDirectory(directory)) {
      throw new OperationException(
          Kind.NOT_FOUND, "The project has no repository %s.".formatted(name));
    }
    return new HostedRepository(place(directory), caller, target(caller, name), this);
  }

  /// As [#get]; one that is not there is made.
  ///
  /// @throws OperationException also DENIED when the caller may only read
  public HostedRepository create(Caller caller, String name) throws IOException {
    Path directory = directory(caller, name);
    requireMember(caller);
    if (!Files.isDirectory(directory)) {
      audit.make(
          new Deed(caller.actor(), Action.REPOSITORY_CREATE, target(caller, name)),
          () -> LocalDirectory.create(directory).close());
    }
    return get(caller, name);
  }

  private HostedPlace place(Path directory) throws IOException {
    HostedPlace known = places.get(directory);
    if (known == null) {
      HostedPlace opened = HostedPlace.open(directory, quota(directory.resolveSibling("")));
      HostedPlace before = places.putIfAbsent(directory, opened);
      known = before == null ? opened : before;
    }
    return known;
  }

  private ProjectQuota quota(Path project) {
    return quotas.computeIfAbsent(
        project, of -> new ProjectQuota(of, hosting.quota(), REFUSED_AFTER));
  }

  private Path directory(Caller caller, String name) {
    if (!caller.has(Caller.READER) && !caller.isAdmin()) {
      throw new OperationException(Kind.DENIED, "This needs a role in a project.");
    }
    String project = caller.projectId().orElse("");
    if (!PROJECT.matcher(project).matches()) {
      throw new OperationException(Kind.DENIED, "This needs a token within a project.");
    }
    if (!NAME.matcher(name).matches()) {
      throw new OperationException(
          Kind.USAGE,
          "A repository's name has 1 to 64 letters a-z, digits, full stops, hyphens and underscores,"
              + " and begins with a letter or digit.");
    }
    return hosting.directory().resolve(project).resolve(name);
  }

  private static Target target(Caller caller, String name) {
    return new Target(caller.projectId().orElse("") + "/" + name, name);
  }

  static void requireMember(Caller caller) {
    if (!caller.has(Caller.MEMBER) && !caller.isAdmin()) {
      throw new OperationException(Kind.DENIED, "This needs the role %s.".formatted(Caller.MEMBER));
    }
  }

  /// Throws when so many bytes would touch the reserve.
  void requireRoom(long bytes) throws IOException {
    if (room.bytes() < bytes) {
      throw new OperationException(
          Kind.LIMIT, "The server has no room left for %d bytes.".formatted(bytes));
    }
  }

  /// Whether the caller may delete what does not only grow.
  boolean mayDelete(Caller caller) {
    return hosting.deleting() == Hosting.Deleting.MEMBERS || caller.isAdmin();
  }

  AuditLog audit() {
    return audit;
  }
}
