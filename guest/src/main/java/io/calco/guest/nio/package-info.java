/// A guest's files as a [java.nio.file.FileSystem], so that whatever works on paths works on disks:
/// `Files.walk`, `Files.copy`, `Files.readAttributes`, a library that takes a `Path`.
///
/// [GuestFileSystems] opens one from a disk image or from a [io.calco.guest.GuestTree]; the
/// provider of the scheme `calco` opens `calco:/images/vm.qcow2` and knows
/// `calco:/images/vm.qcow2!/etc/fstab` while that is open. In such a URI every byte but letters,
/// digits and `-._~/` is written `%NN`, so that a name that is not UTF-8, or holds `!/`, comes back
/// as it was.
///
/// | asked for | given |
/// |---|---|
/// | attribute views | `basic`, `posix`, `unix` (`mode`, `ino`, `dev`, `nlink`, `uid`, `gid`), `owner`; only for reading |
/// | times | the modification time, for all of them |
/// | links | followed inside the guest, at most 40; `/` is the guest's root |
/// | relative paths | from the root: there is no working directory |
/// | case | matters |
/// | writing | [java.nio.file.ReadOnlyFileSystemException] |
/// | watching, `toFile`, user look-up | [UnsupportedOperationException] |
///
/// What a guest holds is hostile: no link leads outside it, a name may hold anything but `/` and
/// zero ([io.calco.guest.PrintableText] before it is shown), and directories more than 200 deep are
/// not listed, so that a walk of directories that hold each other ends.
///
/// Thread rule: safe; one file of a file system is read at a time.
@NullMarked
package io.calco.guest.nio;

import org.jspecify.annotations.NullMarked;
