/// SSH host keys made from a seed, in OpenSSH's own files.
///
/// Every key is derived: HKDF-SHA256 (RFC 5869) of a seed gives an Ed25519 private key (RFC 8032),
/// a P-256 scalar (FIPS 186-5 A.2.1, extra random bits) and the start of an RSA prime search; the
/// same seed gives the same keys on every machine and JDK. A seed that nobody gave is 32 bytes of
/// [java.security.SecureRandom].
///
/// Files: `openssh-key-v1` (OpenSSH's PROTOCOL.key), not encrypted; public keys as RFC 4253, RFC
/// 5656 and RFC 8709 have them. Refused: DSA, security keys, certificates.
///
/// Oracle: `ssh-keygen -l`, `-y`, and signatures that it makes with the keys; RFC 8032's vectors.
///
/// Thread rule: safe for several threads at once.
@NullMarked
package io.calco.guest.sshkey;

import org.jspecify.annotations.NullMarked;
