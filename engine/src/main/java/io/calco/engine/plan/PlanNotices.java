package io.calco.engine.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/// Who is told what came of a plan's runs.
///
/// @param webhook told of failures, and of the first run that is well again; empty for nobody
/// @param mail written to; empty for nobody
public record PlanNotices(Optional<Webhook> webhook, Optional<Mail> mail) {

  /// Nobody.
  public static PlanNotices none() {
    return new PlanNotices(Optional.empty(), Optional.empty());
  }

  /// An address of the web that is told by POST of JSON.
  ///
  /// @param address of the web
  /// @param reach where it may lie
  public record Webhook(String address, Reach reach) {}

  /// Where a webhook may lie.
  public enum Reach {
    /// On the public network alone.
    @JsonProperty("public")
    PUBLIC,
    /// On this machine and in its network as well: its owner said so.
    @JsonProperty("local")
    LOCAL
  }

  /// Whom mail goes to. Which server sends it is [MailServer]'s.
  ///
  /// @param to addresses, at least one
  /// @param when of which runs they are told
  /// @param language of subject and text
  public record Mail(List<String> to, When when, Language language) {
    /// Copies the list.
    public Mail {
      to = List.copyOf(to);
    }
  }

  /// Of which runs mail tells.
  public enum When {
    /// Those that failed, and the first that is well again.
    @JsonProperty("failures")
    FAILURES,
    /// All of them.
    @JsonProperty("always")
    ALWAYS
  }

  /// What mail is written in.
  public enum Language {
    /// English.
    @JsonProperty("en")
    EN,
    /// Spanish.
    @JsonProperty("es")
    ES;

    /// The one of that tag, or of what is likest to it; English for others.
    ///
    /// @param tag as `es`, `es_ES` or `es-MX`
    public static Language of(String tag) {
      return tag.matches("(?i)es([_.-].*)?") ? ES : EN;
    }

    /// As it is written: `en`.
    public String tag() {
      return this == ES ? "es" : "en";
    }
  }
}
