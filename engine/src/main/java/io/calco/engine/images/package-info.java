/// Images as a service: what the Image API v2 asks for, whoever asks. [ImageService] is the start.
///
/// | class | what it does |
/// |---|---|
/// | [Images] | metadata: add, look, list, change, delete, tags, deactivate |
/// | [ImageSharing] | members |
/// | [ImageTransfers] | content: upload, stage, download |
/// | [ImageNames] | families, versions, aliases |
/// | [ImageOrigins] | where images came from, what was verified |
/// | [ImageTaking] | images that a command of this host takes in |
/// | [ImageImports] | content that comes in the background, goes into stores and between them; tasks |
/// | [ImageLocations] | content that stays on the web |
/// | [ImageCache] | what lies on the web, kept at hand |
/// | [ContentStores] | the stores, and the web, behind one name for each place |
/// | [ProjectQuotas] | what projects may have |
/// | [ImageExports] | content in any other format, with ranges |
/// | [ImageContents] | where content lies |
/// | [ImageInspections] | what is in them: partitions, file systems, system |
/// | [ImageMaps] | where the blocks in use lie in them, for a picture |
/// | [ContentCheck] | which content is refused |
/// | [ImageLimits] | what a project and an image may have |
///
/// **Who may do what** is Glance's policy with its default roles and project scope, in
/// `ImagePolicy` alone: an admin may do all; a member of a project changes what the project owns; a
/// reader looks. What somebody may not see does not exist for them: NOT_FOUND, never DENIED.
///
/// **States.** queued → saving → active is an upload; queued → uploading → importing → active a
/// staged one; active ↔ deactivated. All other jumps are refused (Glance's `valid_state_targets`).
///
/// **Content** comes in one pass: MD5, SHA-256 and SHA-512 are made while it is stored byte for
/// byte. It is then looked at by the code that later reads it, and refused for what
/// `UntrustedCheck` finds; only content that passed is ever an image's. From the web it comes from
/// addresses that were judged and then connected to, redirection by redirection.
///
/// **Places.** Content has one or more locations: each a name in one of the stores, or an address
/// on the web, where an operator lets clients say so. Only addresses on the web can be added by
/// clients: by a store's own names, anybody could read what is another's. What lies on the web was
/// never judged, and is read as it is; nothing is looked into it.
///
/// **Signatures.** An image with the four properties of `ImageSignature` takes content only that
/// was signed by a certificate of the operator's directory.
///
/// Rules read: Glance's API reference and its router, policy and domain model, mid-2026.
@NullMarked
package io.calco.engine.images;

import org.jspecify.annotations.NullMarked;
