package io.calco.engine.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Hashes of passwords and of other secrets that a person may have chosen: Argon2id (RFC 9106),
/// written as PHC's string format has it, `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. The costs
/// are OWASP's first choice.
///
/// A hash takes tens of milliseconds and 19 MiB, so two are made at a time, and the rest wait.
///
/// Thread rule: safe for several threads.
final class Passwords {
  private static final Costs USUAL = new Costs(19 << 10, 2, 1);
  private static final int SALT_LENGTH = 16;
  private static final int HASH_LENGTH = 32;
  private static final int AT_ONCE = 2;

  /// What a hash in the database may cost; ours.
  private static final int MEMORY_MAX_KIB = 1 << 20;

  private static final int PASSES_MAX = 64;

  private static final Pattern PHC =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d)\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

  private final Costs costs;
  private final SecureRandom random = new SecureRandom();
  private final Semaphore places = new Semaphore(AT_ONCE, true);

  Passwords() {
    this(USUAL);
  }

  /// @param costs of new hashes
  Passwords(Costs costs) {
    this.costs = costs;
  }

  /// The hash of a secret under a fresh salt.
  String hash(String secret) {
    byte[] salt = new byte[SALT_LENGTH];
    random.nextBytes(salt);
    byte[] hash = derive(secret, costs, salt, HASH_LENGTH);
    Base64.Encoder encoder = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
        .formatted(
            costs.memoryKib(),
            costs.passes(),
            costs.lanes(),
            encoder.encodeToString(salt),
            encoder.encodeToString(hash));
  }

  /// Whether a secret is the one that a hash was made of.
  ///
  /// @throws IllegalArgumentException when the text is no hash, or costs more than any of ours
  boolean matches(String hash, String secret) {
    Matcher phc = PHC.matcher(hash);
    if (!phc.matches()) {
      throw new IllegalArgumentException("not an Argon2id hash");
    }
    Costs paid =
        new Costs(
            Integer.parseInt(phc.group(1)),
            Integer.parseInt(phc.group(2)),
            Integer.parseInt(phc.group(3)));
    byte[] wanted = Base64.getDecoder().decode(phc.group(5));
    byte[] salt = Base64.getDecoder().decode(phc.group(4));
    return MessageDigest.isEqual(derive(secret, paid, salt, wanted.length), wanted);
  }

  /// Takes as long as [#matches], so that a login tells nobody whether there is such a user.
  void waste(String secret) {
    derive(secret, costs, new byte[SALT_LENGTH], HASH_LENGTH);
  }

  /// What a hash costs: memory, passes over it, and how many lanes are computed.
  record Costs(int memoryKib, int passes, int lanes) {
    Costs {
      if (memoryKib < 8 * lanes
          || memoryKib > MEMORY_MAX_KIB
          || passes < 1
          || passes > PASSES_MAX
          || lanes < 1) {
        throw new IllegalArgumentException("costs of an Argon2id hash");
      }
    }
  }

  private byte[] derive(String secret, Costs paid, byte[] salt, int length) {
    Argon2Parameters parameters =
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(paid.memoryKib())
            .withIterations(paid.passes())
            .withParallelism(paid.lanes())
            .withSalt(salt)
            .build();
    byte[] hash = new byte[length];
    places.acquireUninterruptibly();
    try {
      Argon2BytesGenerator generator = new Argon2BytesGenerator();
      generator.init(parameters);
      generator.generateBytes(secret.getBytes(StandardCharsets.UTF_8), hash);
    } finally {
      places.release();
    }
    return hash;
  }
}
