import type { Timeline } from '@dipper/contract/api/recording';
import type { EventService } from '../services.ts';

/** An outage that began before the time asked for is looked for this far back. */
const LOOK_BACK_MS = 24 * 3_600_000;
const MOST_EVENTS = 200;

/** Says of gaps which of them is the camera's: the edge knows that it had nothing to record, the events say why. */
export async function explainOutages(timeline: Timeline, events: Pick<EventService, 'list'>): Promise<Timeline> {
  if (!timeline.gaps.some(({ cause }) => cause === 'not-recorded')) return timeline;
  const from = new Date(Date.parse(timeline.from) - LOOK_BACK_MS).toISOString();
  const query = { device: timeline.device, from, until: timeline.until, limit: MOST_EVENTS };
  const [offline, online] = await Promise.all([
    events.list({ ...query, type: 'camera.offline' }),
    events.list({ ...query, type: 'camera.online' }),
  ]);
  const ends = online.items.map(({ occurredAt }) => occurredAt).sort();
  const outages = offline.items.map(({ occurredAt }) => ({
    from: occurredAt,
    until: ends.find((end) => end > occurredAt) ?? timeline.until,
  }));
  return {
    ...timeline,
    gaps: timeline.gaps.map((gap) => {
      const isOutage = outages.some((outage) => outage.from < gap.until && outage.until > gap.from);
      return gap.cause === 'not-recorded' && isOutage ? { ...gap, cause: 'camera-offline' } : gap;
    }),
  };
}
