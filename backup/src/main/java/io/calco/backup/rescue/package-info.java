/// Disks that cannot be read everywhere: what can be had of them is had, once, the easy part first.
///
/// [Rescue] is the way in. It stands between a failing disk and whoever reads it, keeps each byte
/// that was read in an image beside the map, and writes down in the map what was tried and what
/// came of it. The map is GNU ddrescue's mapfile, the image what ddrescue calls the output file:
/// either program continues what the other began.
///
/// | phase | what is read | of what fails |
/// |---|---|---|
/// | copying, pass 1 | non-tried, forwards, 64 KiB at a time | the piece is non-trimmed; what follows is skipped, each time twice as much |
/// | pass 2 | the same, backwards | the rest of that non-tried block is left |
/// | pass 5 | what was left, forwards | no skipping |
/// | trimming | non-trimmed, by sectors, from both ends | the rest is non-scraped |
/// | scraping | non-scraped, by sectors | bad |
/// | retrying | bad sectors, forwards and backwards in turn | bad |
///
/// Specification: the manual of GNU ddrescue 1.27, "Algorithm" and "Mapfile structure". Passes 3
/// and 4, for areas that are only slow, are left out.
///
/// Only the domain is read: what a restore point keeps. All else stays non-tried in the map, so
/// that ddrescue can read it later.
///
/// Write order: the image is on the medium before the map that says so is. The map is written
/// beside its place and renamed, twice a minute and at the end, whatever ends it; after a crash
/// half a minute is read again.
///
/// Oracles: ddrescue, which reads a disk with the same faults (`--test-mode`), continues our maps,
/// and whose maps we continue; ddrescuelog; the kernel, reading a loop device that ends too soon.
@NullMarked
package io.calco.backup.rescue;

import org.jspecify.annotations.NullMarked;
