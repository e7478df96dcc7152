/// The catalogue: which templates, versions and clones there are, what rests on what, and what is
/// being made right now. Records in a database; nothing here looks at a disk file, the engine does.
///
/// Start with [Catalog]. All records are values.
///
/// **Order of things.** A disk is written beside, synced and renamed; its entry comes last, in the
/// transaction that ends the [Job] which named the files before they were made
/// ([Catalog#inTransaction]). Deleting goes the other way: the entry goes in the transaction that
/// begins a job, then the files, then the job. In either case, after a kill: the files of a job
/// whose process is gone, as far as no entry has them ([Catalog#knowsDisk]), are to be deleted.
///
/// **Database.** SQLite in `calco.db`, of mode 0600: write-ahead log, every change on the medium
/// when the call returns, foreign keys held, readers never wait, a writer waits up to ten seconds
/// for another. The schema is plain SQL that PostgreSQL takes as well. It changes by Flyway's
/// migrations, from the first one on; Flyway itself runs only when the newest is missing. A newer
/// Calco's database is refused.
///
/// Thread rule: a [Catalog] is safe for several threads, which wait for each other; any number of
/// processes may have the same catalogue open.
@NullMarked
package io.calco.catalog;

import org.jspecify.annotations.NullMarked;
