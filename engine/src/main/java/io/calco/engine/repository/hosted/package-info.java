/// Repositories that this Calco keeps for others: the objects of their stores, put, read, listed
/// and deleted by whoever the identity lets in.
///
/// [HostedRepositories] finds and makes them, for a caller; a [HostedRepository] is one as that
/// caller may use it. Each lies at `DIRECTORY/PROJECT/NAME`, as a
/// [io.calco.store.backend.LocalDirectory]: an ordinary store, which this host's own commands read.
/// What is in the objects is the business of those who put them; an encrypted store's key never
/// comes here.
///
/// | role in the project | may |
/// |---|---|
/// | reader | read and list |
/// | member | put and delete, and make repositories |
/// | admin | also take the mark off a repository that only grows |
///
/// A repository only grows when it has the store's own mark ([io.calco.store.AppendOnly]), or for
/// all but administrators where [Hosting] says so: they are shown an empty mark. Then nothing is
/// deleted or replaced but what a backup needs: sessions, and roots, of which the one before is
/// kept in `.replaced`. So whoever has a member's credentials can add to the points there are, and
/// can take none away.
///
/// With a quota ([Hosting]) the repositories of a project together take so many bytes and no more;
/// administrators of the project may go over it.
///
/// Thread rule: everything is safe for several threads at once; one process serves a directory.
@NullMarked
package io.calco.engine.repository.hosted;

import org.jspecify.annotations.NullMarked;
