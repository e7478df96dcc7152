/// Backups: restore points made of disks and images, looked after, and brought back.
///
/// A [BackupRepository] is a store in a place of its own; [Backups] makes and looks after the
/// points in it, [Restores] brings them back. [Imports] takes in what other programs have kept.
///
/// Rules that hold here: a source that somebody writes to is refused, unless that is asked for by
/// name, and the point says so then. A target in use is refused; one that is there is overwritten
/// only where the front end says that its owner agreed.
@NullMarked
package io.calco.engine.backup;

import org.jspecify.annotations.NullMarked;
