/// Calco as a service: [CalcoServer] opens a home, puts the features together and listens.
///
/// One process serves a home. Commands work beside it on the same catalogue; what they change, the
/// server sees.
@NullMarked
package io.calco.server;

import org.jspecify.annotations.NullMarked;
