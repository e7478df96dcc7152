package io.calco.guest.registry;

/// A key's value.
///
/// @param name as it is written; empty for the key's default value
/// @param data what it holds
public record RegistryValue(String name, RegistryData data) {}
