/**
 * What nodes say to each other, as bytes: CBOR (RFC 8949) arrays in a fixed order, definite lengths
 * and shortest integers, so that one value has one encoding. Pure. Decoding takes hostile input and
 * answers with a value, never with an exception.
 */
@NullMarked
package live.banyan.mesh.wire;

import org.jspecify.annotations.NullMarked;
