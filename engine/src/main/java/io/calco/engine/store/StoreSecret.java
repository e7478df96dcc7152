package io.calco.engine.store;

import io.calco.disk.Passphrase;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.store.StoreKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// What opens an encrypted store: one of its passphrases, or its recovery key as it was printed.
/// Never printed, and wiped on [#close].
///
/// Thread rule: safe for several threads at once until it is closed.
public final class StoreSecret implements AutoCloseable {
  /// Names the file that holds it.
  public static final String VARIABLE = "CALCO_STORE_PASSPHRASE_FILE";

  private static final int LENGTH_MAX = 1 << 16;

  private final Optional<Passphrase> passphrase;

  private StoreSecret(Optional<Passphrase> passphrase) {
    this.passphrase = passphrase;
  }

  /// For a store that is not encrypted.
  public static StoreSecret none() {
    return new StoreSecret(Optional.empty());
  }

  /// A passphrase or recovery key, which is the secret's to close from now on.
  ///
  /// @throws OperationException of kind USAGE when it is empty
  public static StoreSecret owning(Passphrase passphrase) {
    byte[] bytes = passphrase.bytes();
    boolean empty = bytes.length == 0;
    Arrays.fill(bytes, (byte) 0);
    if (empty) {
      passphrase.close();
      throw new OperationException(Kind.USAGE, "the passphrase of the store is empty");
    }
    return new StoreSecret(Optional.of(passphrase));
  }

  /// What the file holds that the variable `CALCO_STORE_PASSPHRASE_FILE` names, without one line
  /// end at its end; none where the variable is not set.
  public static StoreSecret of(Map<String, String> variables) throws IOException {
    return ofFile(variables.getOrDefault(VARIABLE, ""));
  }

  /// What a file holds, without one line end at its end; none where the file's name is empty.
  public static StoreSecret ofFile(String file) throws IOException {
    if (file.isEmpty()) {
      return none();
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      bytes = in.readNBytes(LENGTH_MAX + 1);
    }
    if (bytes.length > LENGTH_MAX) {
      throw new OperationException(Kind.USAGE, file + ": too long for a passphrase");
    }
    int end = bytes.length > 0 && bytes[bytes.length - 1] == '\n' ? bytes.length - 1 : bytes.length;
    byte[] line = Arrays.copyOf(bytes, end);
    Passphrase read = Passphrase.of(line);
    Arrays.fill(line, (byte) 0);
    Arrays.fill(bytes, (byte) 0);
    return owning(read);
  }

  /// True when there is one.
  public boolean given() {
    return passphrase.isPresent();
  }

  /// The passphrase, for what takes no recovery key; only where one is given.
  public Passphrase passphrase() {
    return passphrase.orElseThrow();
  }

  /// As the store takes it. The recovery key has a checksum: what has it is no passphrase.
  public StoreKey key() {
    if (passphrase.isEmpty()) {
      return StoreKey.none();
    }
    byte[] bytes = passphrase.get().bytes();
    try {
      return StoreKey.recovery(new String(bytes, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException noRecoveryKey) {
      return StoreKey.of(passphrase.get());
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public void close() {
    passphrase.ifPresent(Passphrase::close);
  }

  @Override
  public String toString() {
    return "StoreSecret[…]";
  }
}
