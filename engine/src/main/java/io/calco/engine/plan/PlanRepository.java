package io.calco.engine.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/// A repository that a plan fills.
///
/// @param address as [io.calco.engine.repository.RepositoryAddress] understands it
/// @param filling how points come into it
/// @param medium what it lies on, in a word: `disk`, `usb`, `tape`, `object`
/// @param place where that is
/// @param passphraseFile holds what opens it, absolute; empty when it is not encrypted
/// @param plainness whether it may be off-site without encryption
/// @param keep which points stay
public record PlanRepository(
    String address,
    Filling filling,
    String medium,
    Place place,
    Optional<String> passphraseFile,
    Plainness plainness,
    Keep keep) {
  /// The usual medium.
  public static final String DISK = "disk";

  /// How points come into a repository.
  public enum Filling {
    /// Backups are made to it.
    @JsonProperty("backup")
    BACKUP,
    /// They are copied from one of those.
    @JsonProperty("copy")
    COPY
  }

  /// Where a repository is.
  public enum Place {
    /// Where the machines are.
    @JsonProperty("on-site")
    ON_SITE,
    /// Elsewhere: what burns down here does not there.
    @JsonProperty("off-site")
    OFF_SITE
  }

  /// What is thought of a repository off-site that anybody there can read.
  public enum Plainness {
    /// It is refused.
    @JsonProperty("refused")
    REFUSED,
    /// Its owner said, by name, that it may be.
    @JsonProperty("waived")
    WAIVED
  }

  /// The same with another rule.
  public PlanRepository with(Keep rule) {
    return new PlanRepository(address, filling, medium, place, passphraseFile, plainness, rule);
  }

  /// The same at another address, or under a name.
  PlanRepository at(String other) {
    return new PlanRepository(other, filling, medium, place, passphraseFile, plainness, keep);
  }

  /// True when it must be encrypted.
  public boolean mustBeEncrypted() {
    return place == Place.OFF_SITE && plainness == Plainness.REFUSED;
  }
}
