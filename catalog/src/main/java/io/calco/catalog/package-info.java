/// The catalogue: which templates, versions and clones there are, what rests on what, and what is
/// being made right now. Records in a database; nothing here looks at a disk file, the engine does.
///
/// Start with [Catalog]. All records are values. Who may do what is in [Accounts].
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
/// **Images.** [ImageCatalog] has what the Image API v2 knows of an image: who may do what with it
/// is the engine's to say. A list ([ImageQuery]) costs the same whatever the number of images, and
/// can be sorted by creation, change, name, size and status at that price; by other fields the
/// matching images are sorted each time.
///
/// Thread rule: a [Catalog] is safe for several threads, of which one writes while others read; any
/// number of processes may have the same catalogue open.
@NullMarked
package io.calco.catalog;

import org.jspecify.annotations.NullMarked;
