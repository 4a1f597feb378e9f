import type { MessageType, WebhookFilter } from '@dipper/contract/api/webhook';
import type { ToldSubject } from './told-subject.ts';

/** Whether a webhook that asked for these types, narrowed by a filter, is told of something. */
export function isWanted(
  { types, filter }: { readonly types: readonly MessageType[]; readonly filter: WebhookFilter },
  type: MessageType,
  subject: ToldSubject,
): boolean {
  if (!types.includes(type)) return false;
  const { priorities, estates, grids, places, eventTypes } = filter;
  if (subject.kind === 'event') {
    if (eventTypes !== undefined && !eventTypes.includes(subject.eventType ?? '')) return false;
  } else if (priorities !== undefined && (subject.priority === null || !priorities.includes(subject.priority))) {
    return false;
  }
  return passes(estates, subject.estate) && passes(grids, subject.grid) && passes(places, subject.place);
}

function passes(wanted: readonly string[] | undefined, value: string | null): boolean {
  return wanted === undefined || (value !== null && wanted.includes(value));
}
