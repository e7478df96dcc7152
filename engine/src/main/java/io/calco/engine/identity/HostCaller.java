package io.calco.engine.identity;

import io.calco.catalog.Project;
import io.calco.engine.OperationException;
import io.calco.engine.audit.Actor;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/// Who works with the home's files themselves, by a command of this host: whoever may read and
/// write them may do all, in any project.
public final class HostCaller {
  private HostCaller() {}

  /// The user of this process, in a project.
  ///
  /// @param project its name; the administrator's, made if it is not there, when empty
  /// @throws OperationException NOT_FOUND when there is no such project
  public static Caller of(Identity identity, Optional<String> project) throws IOException {
    Project in =
        project.isPresent()
            ? identity.projects().getNamed(project.get())
            : administrators(identity);
    return new Caller(
        "",
        System.getProperty("user.name", "unknown"),
        Optional.of(new Caller.Scope(in.id(), in.name())),
        Set.of(Caller.ADMIN, Caller.MEMBER, Caller.READER),
        Actor.COMMAND);
  }

  private static Project administrators(Identity identity) throws IOException {
    for (Project known : identity.projects().list()) {
      if (known.name().equals(Identity.ADMIN)) {
        return known;
      }
    }
    return identity.projects().create(Projects.Wanted.named(Identity.ADMIN));
  }
}
