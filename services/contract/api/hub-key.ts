import { type Static, Type } from 'typebox';
import { HubKeyId } from '../hub-key.ts';
import { Timestamp } from '../identifiers.ts';
import { nullable } from './nullable.ts';

/**
 * A key with which the hub signs receipts and commands. `next`: agents are learning it, by a message that the current one
 * signed, and believe both. `retired`: nobody believes it, and nobody has it any more.
 */
export const HubKeyView = Type.Object(
  {
    id: HubKeyId,
    state: Type.Enum(['next', 'current', 'retired']),
    madeAt: Timestamp,
    /** Since when the hub signs with it; null before. */
    currentAt: nullable(Timestamp),
    retiredAt: nullable(Timestamp),
  },
  { additionalProperties: false },
);
export type HubKeyView = Static<typeof HubKeyView>;
