/// The packages installed in a Linux guest, from the package managers' own databases.
///
/// | manager | database | read by |
/// |---|---|---|
/// | dpkg | `/var/lib/dpkg/status`: paragraphs (deb-control(5)) | [TextDatabases] |
/// | apk | `/lib/apk/db/installed`: lines `P:`, `V:`, `A:` | [TextDatabases] |
/// | pacman | `/var/lib/pacman/local/*/desc`: `%NAME%` and its value | [TextDatabases] |
/// | rpm | `rpmdb.sqlite`, an SQLite 3 database (SQLite's "Database File Format") | [SqliteTable] |
/// | rpm | `Packages.db`, rpm's own "ndb": slots, then blobs | [NdbFile] |
/// | rpm | `Packages`, a Berkeley DB hash of either byte order | [BerkeleyHash] |
///
/// Each of rpm's three holds one header per package ([RpmHeader]). Nothing is ever written, no
/// journal is replayed: what waits in SQLite's write-ahead log is told, not counted. Every page is
/// followed once, so that time and memory are bounded by [DatabaseFile#MAX_SIZE] and
/// [InstalledPackages#MAX_PACKAGES] whatever the guest claims.
///
/// Oracles: dpkg-query, pacman, and rpm itself on databases that rpm and db_load made. No program
/// of Debian's reads or writes ndb or apk's database; the tests lay an ndb out from the headers
/// that sqlite3 finds in rpm's. The reader also found what it should in the database of a SUSE
/// Linux Enterprise 15.
@NullMarked
package io.calco.guest.inspect.packages;

import org.jspecify.annotations.NullMarked;
