/// The pages of images: the catalogue, an image, and how new ones come.
///
/// What they do is the engine's [io.calco.engine.images.ImageService], with the rights of whoever
/// is logged in: a page shows the buttons that would work, and the engine refuses the rest.
@NullMarked
package io.calco.server.web.image;

import org.jspecify.annotations.NullMarked;
