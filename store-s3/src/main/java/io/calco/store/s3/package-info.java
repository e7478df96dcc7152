/// Objects in a bucket of an S3 service: Amazon's, Ceph's, MinIO's, or any other.
///
/// [S3Bucket] is a [io.calco.store.backend.Backend]; [S3Place] says where. The client is the AWS
/// SDK's on the JDK's own HTTP client.
///
/// | request | |
/// |---|---|
/// | PutObject | one for an object, with `Content-MD5`; never in parts: a pack has 64 MiB at most |
/// | GetObject | with `Range` |
/// | HeadObject, DeleteObject, ListObjectsV2 | 1,000 names a page |
/// | PutObjectRetention | where objects are locked, of what is verified |
///
/// The service is addressed by path (`https://host/bucket/key`) when an endpoint is given, by host
/// name otherwise. Checksums in trailers, which many services do not understand, are not used.
/// Credentials come from `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or a profile of
/// `~/.aws/credentials`; not from an address, and not from the network.
///
/// # Object lock
///
/// Only `sessions/`, `ended/`, `condemned/` and `roots/` are ever put again; packs, index objects,
/// keys and the configuration are put once. In a bucket with object lock a put makes another
/// version and a deletion a marker, both of which succeed, so a store works there and nothing can
/// be taken from it for as long as the lock holds. What collections delete takes room until a
/// life-cycle rule of the bucket removes old versions.
///
/// With [ObjectLock] each put of what lasts says how long it is locked, and a verification locks
/// what it has read for as long again: packs that points share with earlier ones, the index, roots,
/// keys. A root that is replaced leaves its earlier version locked.
///
/// # Trust
///
/// What a service answers is hostile: lengths are compared with what was asked for before they are
/// used, names are filtered, listings bounded, words made harmless; a call that does not move 64
/// KiB a second is given up.
///
/// Oracles: s3proxy, Ceph's RGW.
///
/// Thread rule: see each type.
@NullMarked
package io.calco.store.s3;

import org.jspecify.annotations.NullMarked;
