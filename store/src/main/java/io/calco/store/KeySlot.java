package io.calco.store;

import java.time.Instant;

/// A passphrase that opens a store, without the passphrase.
///
/// @param id of this slot, as [Store#removePassphrase] takes it
/// @param label what its maker called it
/// @param created when, by its maker's clock
public record KeySlot(String id, String label, Instant created) {}
