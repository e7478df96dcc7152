package io.calco.catalog;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// The catalogue's users, projects, roles, application credentials and tokens.
///
/// **Revision.** Every change that may make a token invalid, or change what it may do, raises a
/// number in the same transaction. Whoever keeps what a token means compares it: with the same
/// revision, all that is kept holds.
///
/// Thread rule: safe for several threads, which wait for each other. Each method that changes
/// something is one transaction, on the medium when it returns.
public final class Accounts {
  private final Database database;
  private final UserTable users;
  private final RoleTable roles;
  private final TokenTable tokens;
  private final AtomicLong known = new AtomicLong();

  Accounts(Database database) {
    this.database = database;
    this.users = new UserTable(database);
    this.roles = new RoleTable(database);
    this.tokens = new TokenTable(database);
  }

  /// Reads that see one state of the database.
  @FunctionalInterface
  public interface Reads<T> {
    /// Makes them.
    T make() throws IOException;
  }

  /// Makes reads see one state of the database. Other threads wait meanwhile.
  public <T> T reading(Reads<T> reads) throws IOException {
    return database.read(reads::make);
  }

  /// All users by name.
  public List<User> users() throws IOException {
    return database.read(users::users);
  }

  /// The user of that id.
  public Optional<User> findUser(String id) throws IOException {
    return database.read(() -> users.findUser(id));
  }

  /// The user of that name.
  public Optional<User> findUserByName(String name) throws IOException {
    return database.read(() -> users.findUserByName(name));
  }

  /// The hash of a user's password; empty when there is no such user.
  public Optional<String> passwordHash(String userId) throws IOException {
    return database.read(() -> users.passwordHash(userId));
  }

  /// Adds a user, who has no role yet.
  ///
  /// @throws CatalogException.Taken when the name is another's
  public void addUser(User user, String passwordHash) throws IOException {
    database.write(() -> {
      users.insert(user, passwordHash);
      return true;
    });
  }

  /// Gives the user of that id these values.
  ///
  /// @throws CatalogException.Gone when there is none
  /// @throws CatalogException.Taken when the name is another's
  public void updateUser(User user) throws IOException {
    revise(() -> users.update(user));
  }

  /// Gives a user another password; tokens that were got before are gone.
  ///
  /// @throws CatalogException.Gone when there is no such user
  public void setPasswordHash(String userId, String hash) throws IOException {
    revise(() -> {
      users.setPasswordHash(userId, hash);
      tokens.deleteOf(userId);
    });
  }

  /// Forgets a user with all roles, credentials and tokens.
  ///
  /// @throws CatalogException.Gone when there is none
  public void deleteUser(String id) throws IOException {
    revise(() -> users.deleteUser(id));
  }

  /// All projects by name.
  public List<Project> projects() throws IOException {
    return database.read(users::projects);
  }

  /// The projects in which a user has a role, by name.
  public List<Project> projectsOf(String userId) throws IOException {
    return database.read(() -> users.projectsOf(userId));
  }

  /// The project of that id.
  public Optional<Project> findProject(String id) throws IOException {
    return database.read(() -> users.findProject(id));
  }

  /// The project of that name.
  public Optional<Project> findProjectByName(String name) throws IOException {
    return database.read(() -> users.findProjectByName(name));
  }

  /// Adds a project.
  ///
  /// @throws CatalogException.Taken when the name is another's
  public void addProject(Project project) throws IOException {
    database.write(() -> {
      users.insert(project);
      return true;
    });
  }

  /// Gives the project of that id these values.
  ///
  /// @throws CatalogException.Gone when there is none
  /// @throws CatalogException.Taken when the name is another's
  public void updateProject(Project project) throws IOException {
    revise(() -> users.update(project));
  }

  /// Forgets a project with the roles in it, credentials and tokens; what it owns stays.
  ///
  /// @throws CatalogException.Gone when there is none
  public void deleteProject(String id) throws IOException {
    revise(() -> users.deleteProject(id));
  }

  /// All role assignments.
  public List<RoleAssignment> assignments() throws IOException {
    return database.read(roles::all);
  }

  /// A user's role assignments.
  public List<RoleAssignment> assignmentsOf(String userId) throws IOException {
    return database.read(() -> roles.of(userId));
  }

  /// The roles that a user was given in a project.
  public Set<String> roles(String userId, String projectId) throws IOException {
    return database.read(() -> roles.roles(userId, projectId));
  }

  /// Gives a user a role in a project.
  ///
  /// @throws CatalogException.Gone when there is no such user or project
  public void assign(RoleAssignment assignment) throws IOException {
    revise(() -> roles.insert(assignment));
  }

  /// Takes a role from a user.
  ///
  /// @throws CatalogException.Gone when the user did not have it
  public void unassign(RoleAssignment assignment) throws IOException {
    revise(() -> {
      if (!roles.delete(assignment)) {
        throw new CatalogException.Gone(
            "there is no role %s of this user in this project".formatted(assignment.role()));
      }
    });
  }

  /// A user's application credentials by name.
  public List<ApplicationCredential> credentialsOf(String userId) throws IOException {
    return database.read(() -> tokens.credentialsOf(userId));
  }

  /// The application credential of that id.
  public Optional<ApplicationCredential> findCredential(String id) throws IOException {
    return database.read(() -> tokens.findCredential(id));
  }

  /// The hash of an application credential's secret.
  public Optional<String> secretHash(String credentialId) throws IOException {
    return database.read(() -> tokens.secretHash(credentialId));
  }

  /// Adds an application credential.
  ///
  /// @throws CatalogException.Taken when the user has one of that name
  public void addCredential(ApplicationCredential credential, String secretHash)
      throws IOException {
    database.write(() -> {
      tokens.insert(credential, secretHash);
      return true;
    });
  }

  /// Forgets an application credential, and the tokens that were got with it.
  ///
  /// @throws CatalogException.Gone when there is none
  public void deleteCredential(String id) throws IOException {
    revise(() -> {
      if (!tokens.deleteCredential(id)) {
        throw new CatalogException.Gone("there is no application credential " + id);
      }
    });
  }

  /// Adds a token. Those that have expired go; of its user's others, the newest stay.
  ///
  /// @param keep how many a user may have
  public void addToken(TokenRecord token, int keep) throws IOException {
    database.write(() -> {
      tokens.insert(token, keep);
      return true;
    });
  }

  /// The token of that hash, expired or not.
  public Optional<TokenRecord> findToken(String hash) throws IOException {
    return database.read(() -> tokens.find(hash));
  }

  /// Forgets a token.
  ///
  /// @throws CatalogException.Gone when there is none
  public void deleteToken(String hash) throws IOException {
    revise(() -> {
      if (!tokens.delete(hash)) {
        throw new CatalogException.Gone("there is no such token");
      }
    });
  }

  /// The revision in the database, which other processes raise too.
  public long revision() throws IOException {
    return known.accumulateAndGet(database.read(tokens::revision), Math::max);
  }

  /// The newest revision that this process has made or read. Costs nothing.
  public long knownRevision() {
    return known.get();
  }

  private void revise(Database.Change change) throws IOException {
    long revision =
        database.write(() -> {
          change.make();
          return tokens.raiseRevision();
        });
    known.accumulateAndGet(revision, Math::max);
  }
}
