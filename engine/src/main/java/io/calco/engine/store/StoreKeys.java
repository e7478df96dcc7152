package io.calco.engine.store;

import io.calco.disk.Passphrase;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.store.KeySlot;
import io.calco.store.Store;
import io.calco.store.StoreReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The passphrases of an encrypted store, and its recovery key.
///
/// Each passphrase seals the same master key, so that any of them opens the store, and one can be
/// taken away without the others. Where none is left, lost or damaged, the recovery key opens the
/// store, and a new one can be added.
///
/// Thread rule: confined.
public final class StoreKeys {
  private static final int LABEL_MAX = 200; // the store's
  private static final String OBJECT = "keys/";

  private final Store store;
  private final String command;

  /// Those of a store that is open, and stays its opener's to close.
  ///
  /// @param command what front ends call this, for hints: `calco store key`
  public StoreKeys(Store store, String command) {
    this.store = store;
    this.command = command;
  }

  /// What was removed.
  ///
  /// @param id its whole id
  /// @param key what was known of it; empty of a damaged one
  public record Removed(String id, Optional<KeySlot> key) {}

  /// Something that is done with keys.
  public interface Work<T> {
    /// Does it.
    T run(StoreKeys keys) throws IOException;
  }

  /// The passphrases that open it, without the passphrases.
  public List<KeySlot> list() throws IOException {
    return store.listPassphrases();
  }

  /// A line for each key that opens nothing any more, since it is damaged.
  public List<String> damages() throws IOException {
    List<String> lines = new ArrayList<>();
    for (StoreReport.Damage damage : store.listDamagedPassphrases()) {
      lines.add("%s; take it away: %s remove %s".formatted(damage.what(), command, id(damage)));
    }
    return lines;
  }

  private static String id(StoreReport.Damage damage) {
    return damage.object().substring(OBJECT.length());
  }

  /// Adds a passphrase.
  ///
  /// @param label what to call it in lists; at most 200 bytes of UTF-8
  /// @throws OperationException USAGE when the label is longer or the passphrase empty
  public KeySlot add(Passphrase passphrase, String label) throws IOException {
    if (label.getBytes(StandardCharsets.UTF_8).length > LABEL_MAX) {
      throw new OperationException(Kind.USAGE, "a key's label has at most 200 bytes");
    }
    byte[] bytes = passphrase.bytes();
    boolean empty = bytes.length == 0;
    java.util.Arrays.fill(bytes, (byte) 0);
    if (empty) {
      throw new OperationException(Kind.USAGE, "the passphrase is empty");
    }
    return store.addPassphrase(passphrase, label);
  }

  /// Removes a passphrase. Whoever learnt the recovery key has it still.
  ///
  /// @param id of the key, or as much of its beginning as no other has
  /// @throws OperationException NOT_FOUND when there is none, REFUSED when it is the last that
  ///   opens the store
  public Removed remove(String id) throws IOException {
    List<KeySlot> slots = list();
    List<String> sound = slots.stream().map(KeySlot::id).toList();
    List<String> meant =
        Stream.concat(sound.stream(), store.listDamagedPassphrases().stream().map(StoreKeys::id))
            .filter(one -> one.startsWith(id))
            .toList();
    if (id.isEmpty() || meant.isEmpty()) {
      throw new OperationException(
          Kind.NOT_FOUND, "there is no key " + id, "see: " + command + " list");
    }
    if (meant.size() > 1) {
      throw new OperationException(Kind.USAGE, "%d keys begin with %s".formatted(meant.size(), id));
    }
    if (sound.equals(meant)) {
      throw new OperationException(
          Kind.REFUSED, "the last key stays", "add another first: " + command + " add");
    }
    String removed = meant.getFirst();
    store.removePassphrase(removed);
    return new Removed(
        removed, slots.stream().filter(slot -> slot.id().equals(removed)).findFirst());
  }

  /// The recovery key, to print on paper: opens the store by itself.
  public String recovery() throws IOException {
    return store.recoveryKey();
  }
}
