import { EVENT_TYPES, type EventType } from '@dipper/contract/events';

/** What the hub itself finds out, beside the events that agents send. */
export const HUB_TRIGGERS = ['agent.offline', 'agent.online'] as const;
export type TriggerType = EventType | (typeof HUB_TRIGGERS)[number];
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
