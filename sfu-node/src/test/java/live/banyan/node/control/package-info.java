/** Tests of the control plane: streams against a relay tree that is told what to do. */
@org.jspecify.annotations.NullMarked
package live.banyan.node.control;
