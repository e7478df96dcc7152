/// The operations of generalising: each takes one kind of thing that is unique to a machine out of
/// its template.
///
/// The first 45 have virt-sysprep's names, defaults and files (its documentation is the
/// specification); the rest cover what it leaves behind. Each is one small class that drafts its
/// changes on a [io.calco.guest.Draft] and writes nothing. Help is English in the class and in
/// other languages in `Help_<language>.properties`, by name.
///
/// Oracle: the list of what virt-sysprep's documentation says it removes, and a real Debian disk
/// with what a used machine leaves.
@NullMarked
package io.calco.guest.operation;

import org.jspecify.annotations.NullMarked;
