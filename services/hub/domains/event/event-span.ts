/** A run of sequences that one transaction stored, and from when to when its events occurred. */
export interface EventSpan {
  readonly agent: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  /** Tell in which chunks the events lie; milliseconds since 1970. */
  readonly oldestMs: number;
  readonly newestMs: number;
}

/**
 * The most events that one span names. Events are told of in spans, because a row of `change` for each would cost as
 * much as the event itself.
 */
export const MAX_SPAN_EVENTS = 100;

const SPAN = /^([a-z0-9][a-z0-9-]{0,62})\/([0-9a-f-]{36})\/(\d{1,10})-(\d{1,10})\/(-?\d{1,15})_(-?\d{1,15})$/;

/** As the table `change` names it: `agent/epoch/first-last/oldest_newest`. */
export function spanName({ agent, epoch, first, last, oldestMs, newestMs }: EventSpan): string {
  return `${agent}/${epoch}/${first}-${last}/${oldestMs}_${newestMs}`;
}

/** Undefined for what names no span. */
export function spanFromName(name: string): EventSpan | undefined {
  const [, agent, epoch, ...numbers] = SPAN.exec(name) ?? [];
  if (agent === undefined || epoch === undefined) return undefined;
  const [first, last, oldestMs, newestMs] = numbers.map(Number) as [number, number, number, number];
  return { agent, epoch, first, last, oldestMs, newestMs };
}

/** Cuts events of one epoch into spans; they may come in any order. */
export function spansOf(
  agent: string,
  epoch: string,
  events: readonly { readonly sequence: number; readonly occurredAt: Date }[],
): EventSpan[] {
  const spans: EventSpan[] = [];
  for (const { sequence, occurredAt } of events.toSorted((a, b) => a.sequence - b.sequence)) {
    const atMs = occurredAt.getTime();
    const open = spans.at(-1);
    if (open !== undefined && sequence === open.last + 1 && sequence - open.first < MAX_SPAN_EVENTS) {
      const oldestMs = Math.min(open.oldestMs, atMs);
      spans[spans.length - 1] = { ...open, last: sequence, oldestMs, newestMs: Math.max(open.newestMs, atMs) };
    } else {
      spans.push({ agent, epoch, first: sequence, last: sequence, oldestMs: atMs, newestMs: atMs });
    }
  }
  return spans;
}

/** Whether an event belongs to a span. */
export function isWithin(span: EventSpan, event: Pick<EventSpan, 'agent' | 'epoch'> & { sequence: number }): boolean {
  return (
    event.agent === span.agent &&
    event.epoch === span.epoch &&
    event.sequence >= span.first &&
    event.sequence <= span.last
  );
}
