package io.calco.catalog;

/// The facts about a guest that a list shows; a text that is not known is empty.
///
/// @param os such as "Debian GNU/Linux 12 (bookworm)"
/// @param hostname the one in the disk
/// @param bootMode "bios", "uefi" or "bios+uefi"
public record GuestSummary(String os, String hostname, String bootMode) {}
