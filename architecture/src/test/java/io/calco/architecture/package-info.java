/// Rules that run: the arrows of the house and what holds in every room.
@NullMarked
package io.calco.architecture;

import org.jspecify.annotations.NullMarked;
