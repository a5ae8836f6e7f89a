@org.jspecify.annotations.NullMarked
package live.banyan.node.volunteer;
