import type { RetentionClass } from '@dipper/contract/events';
import type pg from 'pg';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A month of ten estates with eight devices each. */
const DAYS = 30;
export const ESTATES = 10;
const DEVICES_PER_ESTATE = 8;
/** A bad night on a desk. */
export const OPEN_ALARMS = 120;
/** Inserted by one statement. */
const SLICE_EVENTS = 50_000;

/** Of twenty events so many are of each class, with a type and what it says. */
const MIX: readonly { retention: RetentionClass; share: number; type: string; data: string }[] = [
  {
    retention: 'device',
    share: 9,
    type: 'gate.state',
    data: `{"position":"closed","relay":"inactive","contact":"closed"}`,
  },
  { retention: 'passage', share: 6, type: 'access.taken', data: `{"afterMs":2350}` },
  { retention: 'scene', share: 4, type: 'person.counted', data: `{"count":3,"periodSec":60}` },
  {
    retention: 'face',
    share: 1,
    type: 'face.captured',
    data: `{"source":"main","box":{"x":0.4,"y":0.2,"width":0.1,"height":0.2},"quality":{"score":0.8,"sizePx":128},"media":{"mime":"image/jpeg"}}`,
  },
];
const SHARES = MIX.reduce((sum, { share }) => sum + share, 0);

export function estateName(index: number): string {
  return `bench-estate-${index + 1}`;
}

export function deviceName(index: number): string {
  return `bench-device-${index + 1}`;
}

export const DEVICES = ESTATES * DEVICES_PER_ESTATE;

/** Puts a history into a migrated database: evenly over the month before an instant, the same for the same seed. */
export async function storeHistory(
  client: pg.Client,
  { events, seed, untilMs }: { readonly events: number; readonly seed: number; readonly untilMs: number },
  onProgress: (stored: number) => void,
): Promise<void> {
  await client.query(
    `insert into dipper.agent (id, estate, configured)
     select 'bench-agent-' || n, 'bench-estate-' || n, false from generate_series(1, ${ESTATES}) n`,
  );
  await client.query(
    `insert into dipper.device (id, agent, kind, name_zh, name_en, configured)
     select 'bench-device-' || n, 'bench-agent-' || (n - 1) / ${DEVICES_PER_ESTATE} + 1, 'camera', 'b', 'b', false
       from generate_series(1, ${DEVICES}) n`,
  );
  // Of a rule that config/rules.yaml has: a hub that starts ends the alarms of rules that are gone.
  await client.query(
    `insert into dipper.alarm (id, rule, key, priority, title_zh, title_en, active, late, estate, agent, raised_at, last_occurred_at)
     select gen_random_uuid(), 'camera-offline', n::text, 'high', 'b', 'b', n <= ${OPEN_ALARMS}, false, 'bench-estate-1',
            'bench-agent-1', $1::timestamptz - n * interval '1 minute', $1 from generate_series(1, 20000) n`,
    [new Date(untilMs)],
  );
  const stepMs = (DAYS * DAY_MS) / events;
  for (let from = 0; from < events; from += SLICE_EVENTS) {
    const until = Math.min(from + SLICE_EVENTS, events);
    let first = 0;
    for (const { retention, share, type, data } of MIX) {
      // Which events these are follows from their number, and which device from a mix of it with the seed.
      await client.query(
        `insert into dipper.event_${retention}
           (id, type, estate, agent, device, occurred_at, received_at, epoch, sequence, data)
         select md5($1::text || n)::uuid, $2, 'bench-estate-' || device / ${DEVICES_PER_ESTATE} + 1,
                'bench-agent-' || device / ${DEVICES_PER_ESTATE} + 1, 'bench-device-' || device + 1, at, at,
                '00000000-0000-4000-8000-000000000001', n, $3::jsonb
           from generate_series($4::bigint, $5::bigint) n,
                lateral (select ((n * 2654435761 + $1::bigint) % ${DEVICES})::int as device,
                                $6::timestamptz + n * $7::float8 * interval '1 millisecond' as at) as placed
          where n % ${SHARES} >= $8 and n % ${SHARES} < $9`,
        [seed, type, data, from, until - 1, new Date(untilMs - DAYS * DAY_MS), stepMs, first, first + share],
      );
      first += share;
    }
    onProgress(until);
  }
}

/** What the events take on disk, indexes included. */
export async function measureEvents(client: pg.Client, hasTimescale: boolean): Promise<number> {
  const size = hasTimescale ? 'hypertable_size' : 'pg_total_relation_size';
  const { rows } = await client.query<{ bytes: string }>(
    `select sum(${size}(('dipper.event_' || class)::regclass)) as bytes
       from unnest(array['face', 'passage', 'device', 'scene']) class`,
  );
  return Number(rows[0]?.bytes ?? 0);
}
