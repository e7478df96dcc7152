package io.calco.engine.backup;

import io.calco.backup.Coverage;
import io.calco.backup.Remarks;
import io.calco.engine.GuestOptions;
import java.nio.file.Path;
import java.util.Optional;

/// What somebody wants to be taken in.
///
/// @param source a file, a directory that a backup program left, or one that holds several
/// @param options how images are opened, and keys of volumes in them
/// @param machine whose disks they are; empty to take the name that the source tells, else the host
///   name that is found in a disk, else the file's or directory's
/// @param coverage how much is kept
/// @param remarks what is said of them; where they have no label or note the source's own is taken
/// @param look whether to look for what is installed
public record ImportRequest(
    Path source,
    GuestOptions options,
    Optional<String> machine,
    Coverage coverage,
    Remarks remarks,
    BackupRequest.Look look) {}
