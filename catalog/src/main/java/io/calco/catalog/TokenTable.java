package io.calco.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The tables of application credentials, of tokens, and of what changed about either; called
/// within transactions.
final class TokenTable {
  private static final String CREDENTIAL =
      """
      select id, user_id, project_id, name, description, unrestricted, expires_at, created_at
      from application_credential
      """;

  private final Database database;

  TokenTable(Database database) {
    this.database = database;
  }

  List<ApplicationCredential> credentialsOf(String userId) throws SQLException {
    Map<String, Set<String>> roles =
        database
            .list(
                """
                select credential_id, role from application_credential_role
                where credential_id in (select id from application_credential where user_id = ?)
                """,
                row -> Map.entry(row.getString(1), row.getString(2)),
                userId)
            .stream()
            .collect(
                Collectors.groupingBy(
                    Map.Entry::getKey,
                    Collectors.mapping(Map.Entry::getValue, Collectors.toSet())));
    return database.list(
        CREDENTIAL + " where user_id = ? order by name",
        row -> credential(row, roles.getOrDefault(row.getString("id"), Set.of())),
        userId);
  }

  Optional<ApplicationCredential> findCredential(String id) throws SQLException {
    Set<String> roles =
        Set.copyOf(
            database.list(
                "select role from application_credential_role where credential_id = ?",
                row -> row.getString(1),
                id));
    return database.find(CREDENTIAL + " where id = ?", row -> credential(row, roles), id);
  }

  Optional<String> secretHash(String credentialId) throws SQLException {
    return database.find(
        "select secret_hash from application_credential where id = ?",
        row -> row.getString(1),
        credentialId);
  }

  void insert(ApplicationCredential credential, String secretHash)
      throws SQLException, CatalogException {
    try {
      database.update(
          """
          insert into application_credential (id, user_id, project_id, name, description, secret_hash,
            unrestricted, expires_at, created_at)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
          credential.id(),
          credential.userId(),
          credential.projectId(),
          credential.name(),
          credential.description(),
          secretHash,
          UserTable.flag(credential.unrestricted()),
          credential.expiresAt().map(Instant::toString).orElse(""),
          credential.createdAt());
    } catch (SQLException e) {
      if (Database.takenColumn(e).equals("application_credential.name")) {
        throw new CatalogException.Taken(
            "there is an application credential %s already".formatted(credential.name()), e);
      }
      throw e;
    }
    for (String role : credential.roles()) {
      database.update(
          "insert into application_credential_role (credential_id, role) values (?, ?)",
          credential.id(),
          role);
    }
  }

  boolean deleteCredential(String id) throws SQLException {
    return database.update("delete from application_credential where id = ?", id) > 0;
  }

  /// Adds a token; its user's oldest beyond `keep` go, and all that have expired.
  void insert(TokenRecord token, int keep) throws SQLException {
    database.update("delete from identity_token where expires_at <= ?", token.issuedAt());
    database.update(
        """
        delete from identity_token where hash in
          (select hash from identity_token where user_id = ? order by issued_at desc, hash
           limit 1000000 offset ?)
        """,
        token.userId(),
        keep - 1);
    database.update(
        """
        insert into identity_token (hash, user_id, project_id, credential_id, methods, issued_at, expires_at)
        values (?, ?, nullif(?, ''), nullif(?, ''), ?, ?, ?)
        """,
        token.hash(),
        token.userId(),
        token.projectId().orElse(""),
        token.credentialId().orElse(""),
        String.join(" ", token.methods()),
        token.issuedAt(),
        token.expiresAt());
  }

  Optional<TokenRecord> find(String hash) throws SQLException {
    return database.find(
        """
        select hash, user_id, project_id, credential_id, methods, issued_at, expires_at
        from identity_token where hash = ?
        """,
        TokenTable::token,
        hash);
  }

  boolean delete(String hash) throws SQLException {
    return database.update("delete from identity_token where hash = ?", hash) > 0;
  }

  void deleteOf(String userId) throws SQLException {
    database.update("delete from identity_token where user_id = ?", userId);
  }

  long revision() throws SQLException {
    return database
        .find("select revision from identity_revision where id = 1", row -> row.getLong(1))
        .orElseThrow();
  }

  long raiseRevision() throws SQLException {
    database.update("update identity_revision set revision = revision + 1 where id = 1");
    return revision();
  }

  private static ApplicationCredential credential(ResultSet row, Set<String> roles)
      throws SQLException {
    return new ApplicationCredential(
        row.getString("id"),
        row.getString("user_id"),
        row.getString("project_id"),
        row.getString("name"),
        row.getString("description"),
        roles,
        row.getInt("unrestricted") != 0,
        Optional.of(row.getString("expires_at"))
            .filter(text -> !text.isEmpty())
            .map(Instant::parse),
        Instant.parse(row.getString("created_at")));
  }

  private static TokenRecord token(ResultSet row) throws SQLException {
    return new TokenRecord(
        row.getString("hash"),
        row.getString("user_id"),
        Optional.ofNullable(row.getString("project_id")),
        Optional.ofNullable(row.getString("credential_id")),
        List.of(row.getString("methods").split(" ")),
        Instant.parse(row.getString("issued_at")),
        Instant.parse(row.getString("expires_at")));
  }
}
