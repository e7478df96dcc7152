/// Linux's swap areas: not a file system, but they have a UUID that machines are told to use, and
/// nothing in them is worth a copy but their header.
///
/// Read from the kernel's `include/linux/swap.h`; mkswap and blkid judge it. Areas of either byte
/// order and pages of 4 to 64 KiB are recognised; those that hold a suspended machine, and the form
/// before Linux 2.2, are not.
///
/// Thread rule: confined.
@NullMarked
package io.calco.fs.swap;

import org.jspecify.annotations.NullMarked;
