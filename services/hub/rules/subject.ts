import { EVENT_TYPES, type EventType } from '@dipper/contract/events';

/** What the hub itself finds out, beside the events that agents send. */
export const HUB_TRIGGERS = [
  'agent.offline',
  'agent.online',
  /** There is a later access policy than the one that the edge goes by. */
  'policy.behind',
  'policy.current',
  /** A consent has ended, and the edge has not signed that the template is gone. */
  'erasure.awaited',
  'erasure.signed',
  /** Refused by the hub, or set aside by the edge because the hub never receipted them. */
  'messages.refused',
  'messages.accepted',
  /** Its next events make the evaluator fail. */
  'agent.not-judged',
  'agent.judged',
  /** The hub's wall clock was set while it ran, or its machine slept. */
  'hub.clock-stepped',
  /** The clocks of hub and database show something else than what goes on from before, by days: nothing is deleted by them. */
  'hub.clock-leapt',
  'hub.clock-believed',
] as const;
export type HubTrigger = (typeof HUB_TRIGGERS)[number];
export type TriggerType = EventType | HubTrigger;
export const TRIGGER_TYPES: readonly TriggerType[] = [...EVENT_TYPES, ...HUB_TRIGGERS];

/** What a rule is asked about: a stored event, or something the hub found out. */
export interface Subject {
  readonly type: TriggerType;
  /** Id of the stored event; null for what the hub found out. */
  readonly event: string | null;
  readonly estate: string;
  readonly agent: string;
  readonly device: string | null;
  /** Where it happened, by the hub's own inventory where that knows the device. */
  readonly place: string | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly data: Readonly<Record<string, unknown>>;
}
