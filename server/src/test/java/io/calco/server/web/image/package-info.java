@NullMarked
package io.calco.server.web.image;

import org.jspecify.annotations.NullMarked;
