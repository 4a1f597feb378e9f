import { MAX_BATCH_EVENTS } from '@dipper/contract/event-validation';
import { type DipperEvent, EVENTS, type EventType, eventSource, type RetentionClass } from '@dipper/contract/events';

export interface StreamShape {
  readonly seed: number;
  readonly round: number;
  readonly agents: number;
  /** Of all agents together. */
  readonly events: number;
  /** The events of a round happen in the ten seconds before this instant, milliseconds since 1970. */
  readonly baseMs: number;
}

/** What one agent says in one round, in an epoch of its own. */
export interface AgentStream {
  readonly estate: string;
  readonly agent: string;
  readonly epoch: string;
  readonly events: readonly DipperEvent[];
}

export const ESTATE = 'lanting';
const SPREAD_MS = 10_000;
/** A morning at an entrance. One barrier in a thousand events is forced, and closed again. */
const MIX: readonly EventType[] = [
  ...Array<EventType>(6).fill('gate.state'),
  ...Array<EventType>(4).fill('face.captured'),
  ...Array<EventType>(3).fill('access.granted'),
  ...Array<EventType>(3).fill('access.taken'),
  ...Array<EventType>(2).fill('motion.started'),
  ...Array<EventType>(2).fill('person.counted'),
];
const FORCED_EVERY = 1_000;

export function agentName(index: number): string {
  return `bench-edge-${index + 1}`;
}

/** The same shape gives the same events, whoever asks. */
export function streamsOf({ seed, round, agents, events, baseMs }: StreamShape): AgentStream[] {
  const random = createRandom(seed * 1_000_003 + round);
  const perAgent = Math.ceil(events / agents);
  return Array.from({ length: agents }, (_, index) => {
    const agent = agentName(index);
    const epoch = random.uuid();
    const list: DipperEvent[] = [];
    for (let sequence = 1; sequence <= perAgent; sequence += 1) {
      const atMs = baseMs - SPREAD_MS + Math.floor((sequence * SPREAD_MS) / perAgent);
      const phase = sequence % FORCED_EVERY;
      const type = phase === 0 || phase === FORCED_EVERY / 2 ? 'gate.forced' : random.pick(MIX);
      list.push({
        specversion: '1.0',
        id: random.uuid(),
        source: eventSource(ESTATE, agent),
        type,
        subject: `${agent}-${type.startsWith('gate') ? 'barrier' : 'camera'}`,
        time: new Date(atMs).toISOString(),
        datacontenttype: 'application/json',
        epoch,
        sequence,
        place: 'lanting-main-gate',
        ...(type.startsWith('access.') ? { correlationid: random.uuid() } : {}),
        data: dataOf(type, atMs, phase === FORCED_EVERY / 2 ? 'started' : 'ended', random),
      } as DipperEvent);
    }
    return { estate: ESTATE, agent, epoch, events: list };
  });
}

export function retentionOf(event: DipperEvent): RetentionClass {
  return EVENTS[event.type].retention;
}

/** Cut into batches as an edge sends them, as JSON. */
export function payloadsOf({ events }: AgentStream, batchEvents: number): { json: string; last: number }[] {
  const size = Math.min(batchEvents, MAX_BATCH_EVENTS);
  const payloads: { json: string; last: number }[] = [];
  for (let from = 0; from < events.length; from += size) {
    const batch = events.slice(from, from + size);
    payloads.push({ json: JSON.stringify(batch), last: from + batch.length });
  }
  return payloads;
}

type Random = ReturnType<typeof createRandom>;

function dataOf(type: EventType, atMs: number, phase: 'started' | 'ended', random: Random): unknown {
  const at = new Date(atMs).toISOString();
  switch (type) {
    case 'face.captured':
      return {
        ...{ track: random.uuid(), firstSeenAt: at, capturedAt: at, senderAt: at, source: 'main' },
        frame: { widthPx: 1_920, heightPx: 1_080 },
        box: { x: random.share(), y: random.share(), width: 0.11, height: 0.21 },
        quality: {
          ...{ score: random.share(), sharpness: 120.5, sizePx: 128, bothEyes: true },
          ...{ yawDeg: 3.1, pitchDeg: -4.2, rollDeg: 1.5 },
        },
        media: { ref: random.uuid(), mime: 'image/jpeg', expiresAt: new Date(atMs + 259_200_000).toISOString() },
      };
    case 'gate.state':
      return { position: random.pick(['open', 'closed']), relay: 'inactive', contact: random.pick(['open', 'closed']) };
    case 'gate.forced':
      return { phase, since: at, relay: 'inactive', contact: phase === 'started' ? 'open' : 'closed' };
    case 'access.granted':
      return { accessPoint: 'lanting-service-in', factors: ['plate'], reason: 'PERMITTED', permit: random.uuid() };
    case 'access.taken':
      return { accessPoint: 'lanting-service-in', afterMs: Math.floor(random.share() * 8_000) };
    case 'motion.started':
      return { score: random.share() };
    default:
      return { count: Math.floor(random.share() * 12), periodSec: 60 };
  }
}

/** xorshift32 (Marsaglia, 2003): small, and the same everywhere. */
function createRandom(seed: number) {
  let state = (seed ^ 0x9e37_79b9) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  const hex = (): string => next().toString(16).padStart(8, '0');
  return {
    /** 0..1, three decimals. */
    share: (): number => (next() % 1_000) / 1_000,
    pick: <T>(values: readonly T[]): T => values[next() % values.length] as T,
    uuid(): string {
      const text = hex() + hex() + hex() + hex();
      return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-8${text.slice(17, 20)}-${text.slice(20)}`;
    },
  };
}
