@NullMarked
package io.calco.server.image;

import org.jspecify.annotations.NullMarked;
