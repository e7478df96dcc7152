/// Inspection: facts about what is installed in a guest's disk, and what makes the machine unique.
/// Reads only; what cannot be read becomes a warning among the facts.
///
/// | fact of a Linux | from |
/// |---|---|
/// | distribution | os-release, or the one-line files of before |
/// | boot loader, its entries, kernels | the files of `/boot`, of the EFI system partition, of `/lib/modules` |
/// | virtio drivers | `modules.builtin`, the modules, the newest kernel's initial RAM file system |
/// | last boot, last use | wtmp, the journal's header; times of files |
/// | time zone, locale, SELinux, encrypted volumes, target | their configuration in `/etc` |
/// | packages | [io.calco.guest.inspect.packages] |
///
/// [GuestFacts] and its parts are meant for JSON: a component's name in kebab-case is the field's
/// name, an enum's constant in lower case with hyphens is its value.
@NullMarked
package io.calco.guest.inspect;

import org.jspecify.annotations.NullMarked;
