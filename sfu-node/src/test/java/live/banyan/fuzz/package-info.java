/**
 * What all fuzz targets share. A target is a class {@code NameFuzz} beside the parser that it
 * feeds, with one method {@code fuzzerTestOneInput(byte[])} that throws where an invariant is
 * broken. Its inputs lie in {@code src/test/fuzz}; {@link live.banyan.fuzz.CorpusTest} runs them in
 * every build, {@code ./banyan fuzz} looks for new ones.
 */
@NullMarked
package live.banyan.fuzz;

import org.jspecify.annotations.NullMarked;
