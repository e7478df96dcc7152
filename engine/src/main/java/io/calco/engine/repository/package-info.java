/// Where stores lie, by their addresses: a directory, or a place on another machine.
///
/// | address | backend |
/// |---|---|
/// | `/mnt/backup`, `backup`, `./sftp:x` | [io.calco.store.backend.LocalDirectory]; also of an NFS mount |
/// | `sftp://ana@nas/srv/calco` | `io.calco.store.sftp`; `/~/` begins where the server puts the user |
/// | `s3://bucket/prefix?endpoint=https://…` | `io.calco.store.s3` |
/// | `smb://ana@nas/share/calco?credentials=FILE` | `io.calco.store.smb` |
/// | `calco://backups.example/web?credentials=FILE` | [io.calco.engine.repository.remote], of what [io.calco.engine.repository.hosted] keeps |
///
/// [Repositories] is the way in; [RepositoryAddress] is an address taken apart. What a scheme needs
/// is loaded when an address asks for it.
///
/// A secret never stands in an address, which lists of processes, histories and logs show to
/// everybody: one that has a place for it is refused, and no refusal repeats any part of what was
/// given that might be a secret.
///
/// Thread rule: everything is safe for several threads at once.
@NullMarked
package io.calco.engine.repository;

import org.jspecify.annotations.NullMarked;
