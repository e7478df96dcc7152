package io.calco.cli;

import io.calco.catalog.Project;
import io.calco.catalog.RoleAssignment;
import io.calco.catalog.User;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Role;
import io.calco.engine.identity.Users;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `calco user`: those who may use the server. Works beside a running one, which sees each change
/// within a second.
final class UserCommand extends GroupCommand {
  /// Ours; more than any password.
  private static final int PASSWORD_MAX_BYTES = 16 << 10;

  UserCommand() {
    super("user", "Who may use the server, in which project, as what.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("create", Create::new),
        new Member("list", ListUsers::new),
        new Member("password", Password::new),
        new Member("grant", Grant::new),
        new Member("revoke", Revoke::new),
        new Member("enable", () -> new Switch("enable", "Let a user in again.")),
        new Member(
            "disable",
            () -> new Switch("disable", "Keep a user out; the tokens they have end at once.")),
        new Member("delete", Delete::new));
  }

  /// The first line of standard input.
  private static String passwordFromInput() throws IOException {
    byte[] bytes = System.in.readNBytes(PASSWORD_MAX_BYTES);
    String password = new String(bytes, StandardCharsets.UTF_8).lines().findFirst().orElse("");
    if (password.isEmpty()) {
      throw new OperationException(Kind.USAGE, "standard input holds no password");
    }
    return password;
  }

  private static Json.Fields json(User user) {
    return Json.object()
        .put("id", user.id())
        .put("name", user.name())
        .put("enabled", user.enabled())
        .put("description", user.description())
        .put("email", user.email())
        .put("default-project-id", user.defaultProjectId())
        .put("created-at", user.createdAt());
  }

  /// A command on one user.
  abstract static class OnUser extends HomeCommand {
    final Value<String> name = words.parameter("NAME", String.class, "The user's name.");

    OnUser(String name, String... description) {
      super(name, description);
    }

    @Override
    final int run(Calco calco) throws IOException {
      Identity identity = new Identity(calco.catalog());
      answer(run(identity));
      return ExitCode.DONE;
    }

    abstract Done run(Identity identity) throws IOException;

    private void answer(Done done) {
      if (json()) {
        Json.print(
            out(),
            Json.object()
                .put("name", name.get())
                .put("done", done.what())
                .put("password", done.password()));
      } else {
        say("%s: %s".formatted(Text.safe(name.get()), Text.safe(done.what())));
        done.password().ifPresent(made -> out().println("password: " + made));
      }
    }

    /// @param what was done, for a person
    /// @param password that was made
    record Done(String what, Optional<String> password) {
      Done(String what) {
        this(what, Optional.empty());
      }
    }
  }

  /// `calco user create`.
  static final class Create extends HomeCommand {
    private final Value<String> name = words.parameter("NAME", String.class, "The user's name.");
    private final Value<String> project =
        words.requiredOption("--project", "P", String.class, "The project to work in.");
    private final Value<String> role =
        words.option(
            "--role",
            "ROLE",
            String.class,
            "member",
            "What the user may do there: admin (everything, everywhere), member (change what is the"
                + " project's) or reader (default: ${DEFAULT-VALUE}).");
    private final Flag fromInput =
        words.flag("--password-stdin", "Read the password from standard input.");

    Create() {
      super(
          "create",
          "Add a user with a role in a project.",
          "Without --password-stdin a password is made, and printed once.");
      words.examples(
          "calco user create ana --project demo --role member --password-stdin <password.txt");
    }

    @Override
    int run(Calco calco) throws IOException {
      Identity identity = new Identity(calco.catalog());
      Role wanted = Role.parse(role.get());
      Project in = identity.projects().getNamed(project.get());
      String password = fromInput.given() ? passwordFromInput() : Identity.newSecret();
      User user =
          identity
              .users()
              .create(
                  new Users.Wanted(name.get(), "", "", true, Optional.of(in.id())),
                  Optional.of(password));
      identity.projects().assign(in, user, wanted);
      Optional<String> shown = fromInput.given() ? Optional.empty() : Optional.of(password);
      if (json()) {
        Json.print(
            out(),
            UserCommand.json(user)
                .put("project", in.name())
                .put("role", wanted.text())
                .put("password", shown));
      } else {
        say(
            "%s: %s in project %s"
                .formatted(Text.safe(user.name()), wanted.text(), Text.safe(in.name())));
        shown.ifPresent(made -> out().println("password: " + made));
      }
      return ExitCode.DONE;
    }
  }

  /// `calco user list`.
  static final class ListUsers extends HomeCommand {
    ListUsers() {
      super("list", "All users and their roles.");
    }

    @Override
    int run(Calco calco) throws IOException {
      Identity identity = new Identity(calco.catalog());
      Map<String, String> projects =
          identity.projects().list().stream().collect(Collectors.toMap(Project::id, Project::name));
      Map<String, List<RoleAssignment>> roles =
          identity.projects().assignments().stream()
              .collect(Collectors.groupingBy(RoleAssignment::userId));
      Table table = new Table("NAME", "ENABLED", "ROLES");
      List<Json.Fields> all = new ArrayList<>();
      for (User user : identity.users().list()) {
        List<String> has =
            roles.getOrDefault(user.id(), List.of()).stream()
                .map(each -> each.role() + "@" + projects.getOrDefault(each.projectId(), ""))
                .toList();
        table.add(user.name(), user.enabled() ? "yes" : "no", String.join(" ", has));
        all.add(UserCommand.json(user).put("roles", has));
      }
      if (json()) {
        Json.print(out(), all);
      } else if (all.isEmpty()) {
        say("No users yet; the first start of calco serve makes an administrator.");
      } else {
        table.print(out());
      }
      return ExitCode.DONE;
    }
  }

  /// `calco user password`.
  static final class Password extends OnUser {
    private final Flag fromInput =
        words.flag("--password-stdin", "Read the password from standard input.");

    Password() {
      super(
          "password",
          "Give a user another password; the tokens they have end at once.",
          "Without --password-stdin one is made, and printed once.");
    }

    @Override
    Done run(Identity identity) throws IOException {
      User user = identity.users().getNamed(name.get());
      if (fromInput.given()) {
        identity.users().setPassword(user, passwordFromInput());
        return new Done("has another password");
      }
      String made = Identity.newSecret();
      identity.users().setPassword(user, made);
      return new Done("has another password", Optional.of(made));
    }
  }

  /// A command on a user's role in a project.
  abstract static class OnRole extends OnUser {
    private final Value<String> project =
        words.requiredOption("--project", "P", String.class, "The project.");
    private final Value<String> role =
        words.requiredOption("--role", "ROLE", String.class, "admin, member or reader.");

    OnRole(String name, String description) {
      super(name, description);
    }

    @Override
    final Done run(Identity identity) throws IOException {
      Role which = Role.parse(role.get());
      Project in = identity.projects().getNamed(project.get());
      return run(identity, in, identity.users().getNamed(name.get()), which);
    }

    abstract Done run(Identity identity, Project in, User user, Role which) throws IOException;
  }

  /// `calco user grant`.
  static final class Grant extends OnRole {
    Grant() {
      super("grant", "Give a user a role in a project.");
    }

    @Override
    Done run(Identity identity, Project in, User user, Role which) throws IOException {
      identity.projects().assign(in, user, which);
      return new Done("%s in project %s".formatted(which.text(), in.name()));
    }
  }

  /// `calco user revoke`.
  static final class Revoke extends OnRole {
    Revoke() {
      super("revoke", "Take a role in a project from a user.");
    }

    @Override
    Done run(Identity identity, Project in, User user, Role which) throws IOException {
      identity.projects().unassign(in, user, which);
      return new Done("no longer %s in project %s".formatted(which.text(), in.name()));
    }
  }

  /// `calco user enable` and `disable`.
  static final class Switch extends OnUser {
    private final String verb;

    Switch(String verb, String description) {
      super(verb, description);
      this.verb = verb;
    }

    @Override
    Done run(Identity identity) throws IOException {
      User user = identity.users().getNamed(name.get());
      identity
          .users()
          .change(
              user,
              new Users.Wanted(
                  user.name(),
                  user.description(),
                  user.email(),
                  verb.equals("enable"),
                  user.defaultProjectId()));
      return new Done(verb + "d");
    }
  }

  /// `calco user delete`.
  static final class Delete extends OnUser {
    private final Confirmation confirmation = new Confirmation(words);

    Delete() {
      super("delete", "Delete a user with all roles, credentials and tokens.");
    }

    @Override
    Done run(Identity identity) throws IOException {
      User user = identity.users().getNamed(name.get());
      confirmation.require("Delete user %s?".formatted(user.name()));
      identity.users().delete(user);
      return new Done("deleted");
    }
  }
}
