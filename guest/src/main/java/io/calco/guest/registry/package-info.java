/// Windows registry hives: `regf` files of versions 1.3 to 1.6, read and changed in memory.
///
/// Source: "Windows registry file format specification" (M. Suhanov). [Hive] is the front,
/// [RegistryKey] a place in it, [RegistryData] what a value holds, typed.
///
/// | structure | here |
/// |---|---|
/// | base block | `BaseBlock`: versions, sequence numbers, checksum; a bad one is taken from a log |
/// | hive bins, cells | `Cells`: every access bounded; free cells are found by walking all bins |
/// | `nk`, class names | read and written |
/// | `lf`, `lh`, `li`, `ri` | read; written anew as `lf` (1.3) or `lh` (1.5), divided by `ri` |
/// | `vk`, data in the cell, `db` | read and written; `db` from version 1.4 on |
/// | `sk` | a new key shares its parent's; reference counts are kept, the content is not looked at |
/// | transaction logs of Windows 8.1 and later (`HvLE`) | applied in memory to a dirty hive |
/// | transaction logs before (`DIRT`) | not applied; [Hive#recovery] tells it |
/// | volatile keys, layered keys | not on disk; flags are left as they are |
///
/// Invariants: cells tile their bin; adjoining free cells are one; subkeys are sorted by name in
/// upper case; both sequence numbers are equal in what [Hive#bytes] gives, so Windows takes no
/// notice of older logs.
///
/// A hive is hostile: sizes are bounded by the cell that holds them, a whole hive by 512 MiB, the
/// depth of keys by 512 (Windows' own limit), and all keys, values and data by the size of the
/// hive.
///
/// Oracles: hivex (`hivexml`, `hivexregedit`, `hivexsh`) and chntpw's `reged`, which read what is
/// written here and write what is read here.
///
/// Thread rule: a hive and its keys are confined to one thread at a time; data are values.
@NullMarked
package io.calco.guest.registry;

import org.jspecify.annotations.NullMarked;
