package io.calco.guest.inspect;

import java.util.Optional;

/// One thing that makes a machine itself.
///
/// @param kind `machine-id`, `ssh-host-key`, `dhcp-lease` …
/// @param path canonical path in the guest; for a file system or partition its place on the disk
/// @param value what it says, where that is no secret; a key's type and fingerprint
/// @param operation which operation of generalising takes it away; empty when none does
public record UniqueFact(
    String kind, String path, Optional<String> value, Optional<String> operation) {}
