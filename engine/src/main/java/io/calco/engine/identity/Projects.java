package io.calco.engine.identity;

import io.calco.catalog.Accounts;
import io.calco.catalog.Project;
import io.calco.catalog.RoleAssignment;
import io.calco.catalog.User;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import java.io.IOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Work on projects, and on who has which role in them.
///
/// Thread rule: safe for several threads.
public final class Projects {
  private final Accounts accounts;
  private final InstantSource clock;
  private final AccountLog log;

  Projects(Accounts accounts, InstantSource clock, AccountLog log) {
    this.log = log;
    this.accounts = accounts;
    this.clock = clock;
  }

  /// What a project is to be.
  ///
  /// @param name unique among projects
  /// @param description empty for none
  /// @param enabled nobody works in one that is not
  public record Wanted(String name, String description, boolean enabled) {
    /// Only a name.
    public static Wanted named(String name) {
      return new Wanted(name, "", true);
    }

    /// What a project is now.
    public static Wanted as(Project project) {
      return new Wanted(project.name(), project.description(), project.enabled());
    }
  }

  /// All by name.
  public List<Project> list() throws IOException {
    return accounts.projects();
  }

  /// Those that a user may work in, by name.
  public List<Project> of(User user) throws IOException {
    return accounts.projectsOf(user.id());
  }

  /// The project of that id.
  public Optional<Project> find(String id) throws IOException {
    return accounts.findProject(id);
  }

  /// The project of that name.
  ///
  /// @throws OperationException of kind NOT_FOUND
  public Project getNamed(String name) throws IOException {
    return accounts
        .findProjectByName(name)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND,
                "there is no project " + name,
                "make it: calco project create " + name));
  }

  /// Adds a project.
  public Project create(Wanted wanted) throws IOException {
    return log.audit()
        .make(
            log.deed(Action.PROJECT_CREATE, Target.named(wanted.name())),
            () -> add(wanted),
            AccountLog::target);
  }

  private Project add(Wanted wanted) throws IOException {
    Project project =
        new Project(
            Identity.newId(),
            AccountText.name("project", wanted.name()),
            AccountText.text("description", wanted.description()),
            wanted.enabled(),
            clock.instant().truncatedTo(ChronoUnit.SECONDS));
    accounts.addProject(project);
    return project;
  }

  /// Changes a project.
  public Project change(Project project, Wanted wanted) throws IOException {
    return log.audit()
        .make(
            log.deed(Action.PROJECT_CHANGE, AccountLog.target(project)),
            () -> update(project, wanted),
            AccountLog::target);
  }

  private Project update(Project project, Wanted wanted) throws IOException {
    Project changed =
        new Project(
            project.id(),
            AccountText.name("project", wanted.name()),
            AccountText.text("description", wanted.description()),
            wanted.enabled(),
            project.createdAt());
    accounts.updateProject(changed);
    return changed;
  }

  /// Deletes a project with the roles in it, credentials and tokens; what it owns stays.
  public void delete(Project project) throws IOException {
    log.audit()
        .make(
            log.deed(Action.PROJECT_DELETE, AccountLog.target(project)),
            () -> accounts.deleteProject(project.id()));
  }

  /// Gives a user a role.
  public void assign(Project project, User user, Role role) throws IOException {
    log.audit()
        .make(
            deed(Action.ROLE_GRANT, project, user, role),
            () -> accounts.assign(new RoleAssignment(user.id(), project.id(), role.text())));
  }

  private Deed deed(Action action, Project project, User user, Role role) {
    return log.deed(action, AccountLog.target(user))
        .with("%s@%s".formatted(role.text(), project.name()));
  }

  /// Takes a role from a user.
  public void unassign(Project project, User user, Role role) throws IOException {
    log.audit()
        .make(
            deed(Action.ROLE_REVOKE, project, user, role),
            () -> accounts.unassign(new RoleAssignment(user.id(), project.id(), role.text())));
  }

  /// Who has which role where; without those implied.
  public List<RoleAssignment> assignments() throws IOException {
    return accounts.assignments();
  }

  /// The roles that a user was given in a project; without those implied.
  public Set<String> roles(Project project, User user) throws IOException {
    return accounts.roles(user.id(), project.id());
  }
}
