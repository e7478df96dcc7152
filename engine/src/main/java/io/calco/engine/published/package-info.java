/// What publishers of images say of them: lists of checksums, and signatures of those lists.
///
/// | | read | refused |
/// |---|---|---|
/// | [ChecksumList] | `SHA256SUMS` and `SHA512SUMS` as `sha256sum` writes them, and its `--tag` form (`CHECKSUM` of Fedora) | MD5 and SHA-1; a file that is not in the list; two checksums for one file |
/// | [OpenPgp] | OpenPGP signatures (RFC 9580, 4880): detached, binary or armoured; cleartext | MD5, SHA-1 and RIPEMD-160; keys that are revoked, or were not valid when they signed; subkeys that may not sign, or are not bound by their primary key |
///
/// Who is believed is what the caller's keyring says, and nothing else: nothing is fetched from key
/// servers, no trust is computed.
///
/// Oracle: gpg(1), which signs in the tests.
@NullMarked
package io.calco.engine.published;

import org.jspecify.annotations.NullMarked;
