package io.calco.engine.identity;

import io.calco.catalog.Project;
import io.calco.engine.identity.Login.Named;
import io.calco.engine.identity.Login.Scope;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Sessions of the users in the catalogue.
///
/// Thread rule: safe for several threads.
public final class EmbeddedSessions implements Sessions {
  private final Identity identity;
  private final Tokens tokens;

  /// Sessions of its users.
  public EmbeddedSessions(Identity identity) {
    this.identity = identity;
    this.tokens = identity.tokens();
  }

  @Override
  public Start begin(Typed typed, String address) throws IOException {
    Login login =
        new Login.ByPassword(new Named.Name(typed.name()), typed.password(), Scope.UNSTATED);
    return switch (tokens.login(login, address)) {
      case LoginResult.Granted(String token, TokenFacts facts) ->
          new Start.Begun(facts.project().isPresent() ? token : inOnlyProject(token));
      case LoginResult.Refused _ -> new Start.Refused();
      case LoginResult.TooMany(var retryAfter) -> new Start.TooMany(retryAfter);
    };
  }

  private String inOnlyProject(String token) throws IOException {
    List<Caller.Scope> projects = projects(token);
    return projects.size() == 1 ? enter(token, projects.getFirst().id()).orElse(token) : token;
  }

  @Override
  public Optional<String> usualDomain() {
    return Optional.empty();
  }

  @Override
  public List<Caller.Scope> projects(String token) throws IOException {
    Optional<TokenFacts> facts = tokens.facts(token);
    if (facts.isEmpty()) {
      return List.of();
    }
    return identity.projects().of(facts.get().user()).stream()
        .filter(Project::enabled)
        .map(project -> new Caller.Scope(project.id(), project.name()))
        .toList();
  }

  @Override
  public Optional<String> enter(String token, String projectId) throws IOException {
    Login login = new Login.ByToken(token, new Scope.In(new Named.Id(projectId)));
    if (tokens.login(login, "") instanceof LoginResult.Granted(String entered, TokenFacts _)) {
      tokens.revoke(token);
      return Optional.of(entered);
    }
    return Optional.empty();
  }

  @Override
  public void end(String token) throws IOException {
    tokens.revoke(token);
  }

  @Override
  public Optional<Caller> find(String token) throws IOException {
    return tokens.find(token);
  }
}
