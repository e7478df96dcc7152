package io.calco.engine.identity;

import io.calco.engine.audit.Actor;
import java.util.Optional;
import java.util.Set;

/// Who asks, as a token tells it.
///
/// @param userId never changes and never comes again
/// @param userName as it was when the token was made
/// @param project within which it is asked; empty for a token without a scope
/// @param roles the names of the roles in that project, with those that they imply: an admin is a
///   member too, a member a reader
/// @param address where the request comes from; empty while that is not known
public record Caller(
    String userId, String userName, Optional<Scope> project, Set<String> roles, String address) {

  /// The role that may do all, in every project.
  public static final String ADMIN = "admin";

  /// The role that may change what is its project's.
  public static final String MEMBER = "member";

  /// The role that may look at what is its project's.
  public static final String READER = "reader";

  /// The role of another service of the cloud, which an external Keystone gives.
  public static final String SERVICE = "service";

  /// Copies the set.
  public Caller {
    roles = Set.copyOf(roles);
  }

  /// A caller as a token tells it, wherever the request comes from.
  public Caller(String userId, String userName, Optional<Scope> project, Set<String> roles) {
    this(userId, userName, project, roles, "");
  }

  /// The same, at an address.
  public Caller from(String where) {
    return new Caller(userId, userName, project, roles, where);
  }

  /// Who this is in the audit log.
  public Actor actor() {
    return new Actor(userId, userName, projectId().orElse(""), address);
  }

  /// A project.
  ///
  /// @param id never changes and never comes again
  /// @param name as it was when the token was made
  public record Scope(String id, String name) {}

  /// The project's id; empty without a scope.
  public Optional<String> projectId() {
    return project.map(Scope::id);
  }

  /// True when the caller has this role.
  public boolean has(String role) {
    return roles.contains(role);
  }

  /// True when the caller may do all.
  public boolean isAdmin() {
    return has(ADMIN);
  }
}
