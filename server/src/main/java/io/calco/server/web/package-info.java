/// The web pages' frame: everything that all pages share. The pages themselves are packages below
/// this one, and [io.calco.server.CalcoServer] puts them together.
///
/// **A page is added** with one small class and one template:
///
/// 1. A class that implements [Page]: `addTo` names its paths, each with a handler that takes a
///    [Visit] and returns a [View]; `menu` gives its line of the menu, if it has one. Its model is
///    a record beside it, package-private.
/// 2. A template `server/src/main/jte/web/PACKAGE/NAME.jte`, which the build makes a class of that
///    package. It begins with `@param Frame frame` and `@param Model page`, and calls
///    `@template.web.layout(frame = frame, title = …, content = …)`; without that call it is a part
///    of a page, for htmx.
/// 3. Its words: `server/src/main/resources/io/calco/server/web/text/BUNDLE_en.properties` and
///    `_es`. A key begins with its bundle's name: `jobs.title` is in `jobs_en.properties`.
/// 4. The class in the list that [io.calco.server.CalcoServer] gives to [WebPages].
///
/// A form is `method="post"` with the hidden field `csrf` of [Frame#csrf]; a handler that changed
/// something answers with [View#redirect(String, String, String...)]. A script's request carries
/// the token in the header `X-CSRF-Token`. There is no inline script and no `style` attribute: the
/// Content-Security-Policy refuses both. Failures are thrown, and become a page with the status
/// that the API would give.
///
/// | | |
/// |---|---|
/// | who asks | the cookie `calco-session` holds a token of the identity, embedded or Keystone's; HttpOnly, SameSite=Lax, Secure under TLS, and sent to the pages alone. Nothing else of a session is kept, so it survives the server |
/// | CSRF | [Csrf], one filter before all handlers |
/// | language, look | what the browser prefers, until somebody chooses: a cookie each |
/// | files | `static` beside this package; what others wrote is in `static/vendor`, listed in `manifest.tsv`, refreshed by `server/vendor/refresh` |
/// | without JavaScript | all works, but for progress that moves by itself |
///
/// Thread rule: handlers are called on virtual threads, many at once, and may block.
@NullMarked
package io.calco.server.web;

import org.jspecify.annotations.NullMarked;
