/** Tests of the program: configuration, documentation that must match it. */
@org.jspecify.annotations.NullMarked
package live.banyan.node;
