package io.calco.catalog;

/// A user has a role in a project.
///
/// @param userId the user's
/// @param projectId the project's
/// @param role `admin`, `member` or `reader`
public record RoleAssignment(String userId, String projectId, String role) {}
