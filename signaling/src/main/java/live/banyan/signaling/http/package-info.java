/**
 * The HTTP server of a node: routes, CORS, rate limits, metrics and health, the read-only API,
 * server-sent events and the web pages. Everything runs on one event loop.
 */
@NullMarked
package live.banyan.signaling.http;

import org.jspecify.annotations.NullMarked;
