import { Type } from 'typebox';
import { Code, ShortText, Slug, Timestamp, Uuid } from '../identifiers.ts';
import { Phase } from './phase.ts';

const strict = { additionalProperties: false };

const StorageLow = Type.Object(
  {
    freeBytes: Type.Integer({ minimum: 0 }),
    budgetBytes: Type.Integer({ minimum: 0 }),
    phase: Phase,
    volume: Type.Optional(Type.Enum(['recordings', 'pictures', 'outbox'])),
    /** Why nothing can be written, e.g. DISK_READ_ONLY; absent when there is merely less room than there should be. */
    cause: Type.Optional(Code),
  },
  strict,
);

const ClockStepped = Type.Object({ stepMs: Type.Integer(), clock: Type.Enum(['edge', 'camera']) }, strict);
const AgentStarted = Type.Object({ bootId: Uuid, version: ShortText }, strict);

const SomeDevices = Type.Array(Slug, { maxItems: 64 });

/** A configuration that was offered while the agent ran: taken whole, or refused whole while the old one goes on. */
const AgentConfigured = Type.Object(
  {
    outcome: Type.Enum(['applied', 'refused']),
    cameras: Type.Optional(Type.Object({ added: SomeDevices, changed: SomeDevices, removed: SomeDevices }, strict)),
    cause: Type.Optional(Code),
    message: Type.Optional(ShortText),
  },
  strict,
);

/** Stands for events that were given up when the outbox had spent its budget. */
const OutboxTombstone = Type.Object(
  { type: Type.String({ maxLength: 64 }), firstAt: Timestamp, lastAt: Timestamp, count: Type.Integer({ minimum: 1 }) },
  strict,
);

/** The edge agent itself: its disk, its clock, its start, its configuration, its outbox. */
export const AGENT_EVENTS = {
  'storage.low': { data: StorageLow, retention: 'device' },
  'clock.stepped': { data: ClockStepped, retention: 'device' },
  'agent.started': { data: AgentStarted, retention: 'device' },
  'agent.configured': { data: AgentConfigured, retention: 'device' },
  'outbox.tombstone': { data: OutboxTombstone, retention: 'device' },
} as const;
