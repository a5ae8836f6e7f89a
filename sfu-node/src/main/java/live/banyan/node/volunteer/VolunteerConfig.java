package live.banyan.node.volunteer;

import java.util.List;
import live.banyan.mesh.policy.Allowance;
import live.banyan.mesh.policy.Carry;
import live.banyan.mesh.policy.Choice;
import live.banyan.mesh.policy.Hours;

/**
 * What a node's owner allows, as configured.
 *
 * @param channels channels and streams that it has chosen
 * @param block channels and streams that it never carries
 * @param uplinkBps bit/s; 0 leaves it to what is measured
 * @param monthBytes bytes a calendar month; 0 for no bound
 * @param placesMax relays and viewers at once
 */
public record VolunteerConfig(
    Carry carry,
    List<String> channels,
    List<String> block,
    long uplinkBps,
    long monthBytes,
    Hours hours,
    int placesMax) {

  Allowance allowance() {
    return new Allowance(
        carry,
        new Choice(channels),
        Choice.NONE,
        new Choice(block),
        uplinkBps,
        monthBytes,
        hours,
        placesMax);
  }
}
