/**
 * What an SFU must know of each codec's payload: is this a keyframe, which layer, what a rewriter
 * touches. Pure.
 */
@NullMarked
package live.banyan.sfu.codec;

import org.jspecify.annotations.NullMarked;
