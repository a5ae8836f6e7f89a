/**
 * Reading and writing RTCP (RFC 3550, 4585, 5104, TWCC draft, REMB draft) over MemorySegment. Pure.
 */
@NullMarked
package live.banyan.sfu.rtcp;

import org.jspecify.annotations.NullMarked;
