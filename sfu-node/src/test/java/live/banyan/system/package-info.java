/**
 * The whole program under test: real node processes, started by {@code ./banyan} as a user starts
 * them, with real sockets on loopback or in network namespaces made here. Driven by JUnit under the
 * tag {@code system}, which {@code ./banyan test} runs after the build.
 *
 * <p>Bounds are three times the product's figures, since machines are noisy; the figures themselves
 * are printed, see {@link live.banyan.system.Figures}. Nothing here outlives the tests: every
 * process ends with its standard input, which is a pipe from here.
 */
@NullMarked
package live.banyan.system;

import org.jspecify.annotations.NullMarked;
