/** A run of sequences that one transaction stored. */
export interface EventSpan {
  readonly agent: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

/**
 * The most events that one span names. Events are told of in spans, because a row of `change` for each would cost as
 * much as the event itself.
 */
export const MAX_SPAN_EVENTS = 100;

const SPAN = /^([a-z0-9][a-z0-9-]{0,62})\/([0-9a-f-]{36})\/(\d{1,10})-(\d{1,10})$/;

/** As the table `change` names it: `agent/epoch/first-last`. */
export function spanName({ agent, epoch, first, last }: EventSpan): string {
  return `${agent}/${epoch}/${first}-${last}`;
}

/** Undefined for what names no span. */
export function spanFromName(name: string): EventSpan | undefined {
  const [, agent, epoch, first, last] = SPAN.exec(name) ?? [];
  if (agent === undefined || epoch === undefined) return undefined;
  return { agent, epoch, first: Number(first), last: Number(last) };
}

/** Cuts ranges of sequences into spans. */
export function spansOf(agent: string, epoch: string, ranges: readonly (readonly [number, number])[]): EventSpan[] {
  return ranges.flatMap(([start, end]) =>
    Array.from({ length: Math.ceil((end - start + 1) / MAX_SPAN_EVENTS) }, (_, index) => {
      const first = start + index * MAX_SPAN_EVENTS;
      return { agent, epoch, first, last: Math.min(end, first + MAX_SPAN_EVENTS - 1) };
    }),
  );
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
