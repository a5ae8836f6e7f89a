/** A link in virtual time: capacity, delay, jitter, loss and queue that change as planned. */
package live.banyan.sfu.linksim;
