/// Looking inside disks: a guest's files listed, read, copied out and in, edited and compared,
/// without a machine and without mounting anything.
///
/// Start with [GuestPath], the way users write a place, and [GuestFiles#open]. What a guest calls
/// its files is hostile: names are made printable where they are shown, and nothing is ever written
/// on the host outside the directory that was named.
@NullMarked
package io.calco.engine.inside;

import org.jspecify.annotations.NullMarked;
