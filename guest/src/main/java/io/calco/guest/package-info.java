/// What is installed in a disk: its files as one tree, changes to them, and the rooms that use
/// both.
///
/// [GuestTree] joins the guest's file systems as its own `/etc/fstab` says and resolves symbolic
/// links inside it, never outside. Nothing is written while work is planned: a [Draft] collects
/// [Change] values and shows the tree as it will be, and [ChangeApplier] alone writes, exactly what
/// a dry run prints.
///
/// | package | what it does |
/// |---|---|
/// | `account` | users and groups in `passwd`, `shadow`, `group`, `gshadow` |
/// | `identity` | host name, machine-id, random seed: what clearing and setting share |
/// | `boot` | a task that the guest runs by itself at boot |
/// | `inspect` | facts: operating system, boot, users, packages, what makes the machine unique |
/// | `registry` | Windows registry hives, read and changed |
/// | `operation` | the operations of generalising, one small class each |
/// | `generalise` | which of them run, what they will do and did |
/// | `sshkey` | SSH host keys from a seed, in OpenSSH's files |
/// | `windows` | the answer file that a clone of Windows is given |
/// | `personalise` | a clone's own name, keys, users and first boot |
/// | `network` | interfaces, in the files that the guest's network service reads |
/// | `nio` | a guest's files as a `java.nio.file.FileSystem` |
///
/// Everything in a guest is hostile: sizes, depths and counts are bounded before they are used, a
/// name may hold control characters ([PrintableText]), any path may be a device, a directory or a
/// loop of links.
///
/// Thread rule: everything here is confined to one thread at a time, as the file systems below are;
/// records are values.
@NullMarked
package io.calco.guest;

import org.jspecify.annotations.NullMarked;
