import { isEventType } from '@dipper/contract/events';
import type { EventRow } from '../database/schema.ts';
import type { PlaceDirectory } from '../domains/place/place-directory.ts';
import type { Subject } from '../rules/subject.ts';

/** What rules are asked about a stored event; undefined for a type that this version does not know. */
export function subjectOf(row: EventRow, places: PlaceDirectory): Subject | undefined {
  if (!isEventType(row.type)) return undefined;
  const configured = row.device === null ? undefined : places.placeOfDevice(row.agent, row.device);
  const claimed = row.place !== null && places.find(row.place)?.estate === row.estate ? row.place : null;
  return {
    type: row.type,
    event: row.id,
    estate: row.estate,
    agent: row.agent,
    device: row.device,
    place: configured ?? claimed,
    occurredAt: row.occurred_at,
    receivedAt: row.received_at,
    data: row.data as Readonly<Record<string, unknown>>,
  };
}
