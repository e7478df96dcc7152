/// File systems on a [io.calco.disk.Disk]: one interface, one package per family.
///
/// Paths are absolute within the file system, `/`-separated, without `.` and `..`. A name's bytes
/// that are not UTF-8 are carried as lone surrogates ([GuestNames]), so that every name can be
/// listed, read and removed.
///
/// Thread rule: a [FileSystem] is confined to one thread at a time.
@NullMarked
package io.calco.fs;

import org.jspecify.annotations.NullMarked;
