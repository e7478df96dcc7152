/// Content that comes in parts, over hours and connections: an upload is begun, goes on where it
/// stopped, and becomes an image's content when the last byte is there. [Uploads] is the start.
///
/// Each has two files in the home's `uploads`: `ID.data`, the bytes that came, and `ID.json`, whose
/// they are and how many there will be; `ID` is the image's. What was acknowledged is on the
/// medium, so an upload goes on after the server was stopped or killed. When all is there, it is
/// taken in by [io.calco.engine.images.ImageTransfers#upload] in the background, as any other
/// upload, and the files go. Those that nobody goes on with go after some days, with the image that
/// waited for them.
///
/// An id from a client is looked up, never made a path of.
@NullMarked
package io.calco.engine.upload;

import org.jspecify.annotations.NullMarked;
