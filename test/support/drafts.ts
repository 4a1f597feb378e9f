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
    data: { factors: ['plate'], reason: 'PERMIT_VALID' },
  };
}
