package io.calco.store;

import java.util.List;

/// What a verification found.
///
/// @param packs packs read
/// @param bytes bytes read
/// @param pieces pieces compared with their hashes
/// @param damages objects that are not as they were written
/// @param losses what of which roots suffers from it
public record StoreReport(
    int packs, long bytes, long pieces, List<Damage> damages, List<Loss> losses) {

  /// Copies the lists.
  public StoreReport {
    damages = List.copyOf(damages);
    losses = List.copyOf(losses);
  }

  /// True when all is as it was written.
  public boolean sound() {
    return damages.isEmpty() && losses.isEmpty();
  }

  /// An object that is not as it was written.
  ///
  /// @param object its name
  /// @param what one line for a person
  public record Damage(String object, String what) {}

  /// What a root leads to, and cannot be read.
  ///
  /// @param root its name
  /// @param part the part's name
  /// @param offset first byte in the disk or blob
  /// @param length bytes
  /// @param what one line for a person
  public record Loss(String root, String part, long offset, long length, String what) {}
}
