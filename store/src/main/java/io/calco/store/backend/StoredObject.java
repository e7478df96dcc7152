package io.calco.store.backend;

/// An object that a listing found.
///
/// @param name its whole name
/// @param size in bytes
public record StoredObject(String name, long size) {}
