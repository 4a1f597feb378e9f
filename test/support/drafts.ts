import { randomUUID } from 'node:crypto';
import type { EventDraft } from '@dipper/contract/events';

/** Drafts as parts of an edge make them. */
export function gateDraft(occurredAtMs: number = Date.now()): EventDraft {
  return {
    type: 'gate.state',
    device: 'lanting-service-barrier',
    place: 'lanting-service-gate',
    occurredAtMs,
    data: { position: 'open', relay: 'active', contact: 'open' },
  };
}

/** Every so many numbered events a barrier is forced, and half as many later it is closed again. */
export const FORCED_EVERY = 500;

/** The event source's n-th event: mostly states of a barrier, now and then one that makes an alarm and its end. */
export function numberedDraft(index: number, occurredAtMs: number): EventDraft {
  const phase = index % FORCED_EVERY;
  if (phase !== 0 && phase !== FORCED_EVERY / 2) return gateDraft(occurredAtMs);
  return {
    type: 'gate.forced',
    device: 'lanting-service-barrier',
    place: 'lanting-service-gate',
    occurredAtMs,
    data: {
      phase: phase === 0 ? 'started' : 'ended',
      since: new Date(occurredAtMs).toISOString(),
      relay: 'inactive',
      contact: phase === 0 ? 'open' : 'closed',
    },
  };
}

export function motionDraft(occurredAtMs: number = Date.now()): EventDraft {
  return {
    type: 'motion.started',
    device: 'lanting-service-face',
    place: 'lanting-service-gate',
    occurredAtMs,
    data: { score: 0.5 },
  };
}

export function grantedDraft(occurredAtMs: number = Date.now()): EventDraft {
  return {
    type: 'access.granted',
    device: 'lanting-service-barrier',
    place: 'lanting-service-gate',
    occurredAtMs,
    correlation: randomUUID(),
    data: { accessPoint: 'lanting-service-in', factors: ['plate'], reason: 'PERMITTED' },
  };
}

/** Nearly as large as an event may be: some sixty of them fill a batch. */
export function wideDraft(occurredAtMs: number = Date.now()): EventDraft {
  const data = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`key${index}`, 'x'.repeat(500)]));
  return {
    type: 'onvif.event',
    device: 'lanting-service-face',
    occurredAtMs,
    data: { topic: 'tns1:Device/Trigger', operation: 'Changed', source: {}, data },
  };
}
