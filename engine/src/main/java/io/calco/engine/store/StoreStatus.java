package io.calco.engine.store;

import io.calco.store.StoreCensus;
import java.util.List;

/// What a store holds.
///
/// @param place where it lies
/// @param census what was counted
/// @param contents what each root leads to, the dearest first
public record StoreStatus(String place, StoreCensus census, List<Content> contents) {

  /// Copies the list.
  public StoreStatus {
    contents = List.copyOf(contents);
  }

  /// Content, and whose it is.
  ///
  /// @param holder whose
  /// @param cost what it takes
  public record Content(StoreHolder holder, StoreCensus.Cost cost) {}

  /// Bytes that zeroes would take if they were stored.
  public long zeroBytes() {
    return census.size() - census.dataBytes();
  }

  /// Bytes that are not stored because they are stored already.
  public long deduplicatedBytes() {
    return census.dataBytes() - census.distinctBytes();
  }

  /// Bytes that compression saves.
  public long compressedBytes() {
    return Math.max(0, census.distinctBytes() - census.neededBytes());
  }
}
