@NullMarked
package live.banyan.mesh.policy;

import org.jspecify.annotations.NullMarked;
