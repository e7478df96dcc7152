/// Where a store's objects lie: a few verbs that every object store has, and nothing else.
///
/// [Backend] is what the store needs: whole objects put, ranges read, names listed, objects
/// deleted. No rename, no append, no locks, no times. [LocalDirectory] keeps objects as files; the
/// modules `store-sftp`, `store-s3` and `store-smb` have others, and the engine one that asks
/// another Calco. [RetryingBackend] makes calls again that failed for the moment.
///
/// What the store relies on: a put that returned is seen by every later read and listing of every
/// process, and outlives a loss of power; a put that failed or was cut off left the old object, the
/// new one or none, never a part; a delete that returned is seen by every later listing.
///
/// Failures: [java.nio.file.NoSuchFileException] for an object that is not there,
/// [TransientBackendException] for what may be over in a moment, any other [java.io.IOException]
/// for what will be the same again. Each message is one line and names the place.
///
/// All of this is held by one suite of tests that every backend passes, `BackendContract`.
///
/// Thread rule: everything is safe for several threads, and for several processes, at once.
@NullMarked
package io.calco.store.backend;

import org.jspecify.annotations.NullMarked;
