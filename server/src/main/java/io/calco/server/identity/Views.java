package io.calco.server.identity;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.calco.catalog.ApplicationCredential;
import io.calco.catalog.Project;
import io.calco.catalog.User;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.TokenFacts;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What the API shows, in its own words.
final class Views {
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Views() {}

  /// A moment as Keystone writes it.
  static String moment(Instant moment) {
    return MOMENT.format(moment);
  }

  /// Where a thing is.
  record Links(String self) {}

  /// Where a list is; it is one page.
  record ListLinks(Optional<String> next, String self, Optional<String> previous) {
    static ListLinks of(String self) {
      return new ListLinks(Optional.empty(), self, Optional.empty());
    }
  }

  /// What is only named.
  record Named(String id, String name) {}

  /// What is named within a domain.
  record InDomain(String id, String name, Domain domain) {}

  record UserView(
      String id,
      String name,
      String domainId,
      boolean enabled,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> defaultProjectId,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> description,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> email,
      Map<String, String> options,
      Optional<String> passwordExpiresAt,
      Links links) {

    static UserView of(User user, String base) {
      return new UserView(
          user.id(),
          user.name(),
          Domain.ID,
          user.enabled(),
          user.defaultProjectId(),
          Optional.of(user.description()).filter(text -> !text.isEmpty()),
          Optional.of(user.email()).filter(text -> !text.isEmpty()),
          Map.of(),
          Optional.empty(),
          new Links(base + "/users/" + user.id()));
    }
  }

  record ProjectView(
      String id,
      String name,
      String domainId,
      String parentId,
      boolean isDomain,
      boolean enabled,
      String description,
      List<String> tags,
      Map<String, String> options,
      Links links) {

    static ProjectView of(Project project, String base) {
      return new ProjectView(
          project.id(),
          project.name(),
          Domain.ID,
          Domain.ID,
          false,
          project.enabled(),
          project.description(),
          List.of(),
          Map.of(),
          new Links(base + "/projects/" + project.id()));
    }
  }

  record RoleView(
      String id,
      String name,
      Optional<String> domainId,
      Optional<String> description,
      Map<String, String> options,
      Links links) {

    static RoleView of(String role, String base) {
      return new RoleView(
          role,
          role,
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          new Links(base + "/roles/" + role));
    }
  }

  record DomainView(
      String id,
      String name,
      boolean enabled,
      String description,
      List<String> tags,
      Map<String, String> options,
      Links links) {

    static DomainView of(String base) {
      return new DomainView(
          Domain.ID,
          Domain.DEFAULT.name(),
          true,
          "The only domain",
          List.of(),
          Map.of(),
          new Links(base + "/domains/" + Domain.ID));
    }
  }

  record CredentialView(
      String id,
      String name,
      Optional<String> description,
      String userId,
      String projectId,
      List<Named> roles,
      boolean unrestricted,
      Optional<String> expiresAt,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> secret,
      Links links) {

    static CredentialView of(
        ApplicationCredential credential, Optional<String> secret, String base) {
      return new CredentialView(
          credential.id(),
          credential.name(),
          Optional.of(credential.description()).filter(text -> !text.isEmpty()),
          credential.userId(),
          credential.projectId(),
          credential.roles().stream().sorted().map(Views::role).toList(),
          credential.unrestricted(),
          credential.expiresAt().map(Views::moment),
          secret,
          new Links(
              base
                  + "/users/"
                  + credential.userId()
                  + "/application_credentials/"
                  + credential.id()));
    }
  }

  record TokenUser(String id, String name, Domain domain, Optional<String> passwordExpiresAt) {}

  record TokenCredential(String id, String name, boolean restricted) {}

  record TokenView(
      List<String> methods,
      TokenUser user,
      List<String> auditIds,
      String expiresAt,
      String issuedAt,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<InDomain> project,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Boolean> isDomain,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<List<Named>> roles,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<TokenCredential> applicationCredential,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<List<ServiceView>> catalog) {

    /// @param catalog left out of a token without a scope
    static TokenView of(TokenFacts token, Optional<List<ServiceView>> catalog) {
      return new TokenView(
          token.methods(),
          new TokenUser(token.user().id(), token.user().name(), Domain.DEFAULT, Optional.empty()),
          List.of(token.auditId()),
          moment(token.expiresAt()),
          moment(token.issuedAt()),
          token.project().map(Views::inDomain),
          token.project().map(project -> false),
          token.project().map(project -> Views.roles(token)),
          token
              .credential()
              .map(found -> new TokenCredential(found.id(), found.name(), !found.unrestricted())),
          token.project().flatMap(project -> catalog));
    }
  }

  private static List<Named> roles(TokenFacts token) {
    return Stream.of(Caller.ADMIN, Caller.MEMBER, Caller.READER)
        .filter(token.roles()::contains)
        .map(Views::role)
        .toList();
  }

  static Named role(String role) {
    return new Named(role, role);
  }

  static InDomain inDomain(Project project) {
    return new InDomain(project.id(), project.name(), Domain.DEFAULT);
  }

  /// @param face who it is for: `public`, `internal`, `admin`
  record EndpointView(
      String id,
      @JsonProperty("interface") String face,
      String region,
      String regionId,
      String url) {}

  record ServiceView(String id, String type, String name, List<EndpointView> endpoints) {}
}
