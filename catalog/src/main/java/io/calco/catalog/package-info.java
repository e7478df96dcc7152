/// The catalogue: which templates, versions and clones there are, what rests on what, and what is
/// being made right now.
///
/// Records of a database that [Catalog] alone knows: SQLite in write-ahead mode, every commit
/// synced to the medium. The schema is plain SQL that PostgreSQL takes as well, and begins with its
/// first migration. Nothing here looks at a disk file; the engine does.
///
/// Thread rule: a [Catalog] is confined to one thread; several processes may have the same
/// catalogue open.
@NullMarked
package io.calco.catalog;

import org.jspecify.annotations.NullMarked;
