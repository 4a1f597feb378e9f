import { type Static, Type } from 'typebox';
import { HubKeyId } from './hub-key.ts';
import { Code, ShortText, Timestamp, Uuid } from './identifiers.ts';

const strict = { additionalProperties: false };

/** How an edge stands with its access policy. */
export const PolicyState = Type.Object(
  {
    /** 0: none was ever taken up. */
    version: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
    /** When it is over; absent where there is none. */
    expiresAt: Type.Optional(Timestamp),
    /** Why the latest that was announced is not taken up. */
    problem: Type.Optional(Code),
  },
  strict,
);
export type PolicyState = Static<typeof PolicyState>;

/** Retained. The agent sends `online` itself; the broker sends `offline` as its will (MQTT 3.1.1 §3.1.2.5) when it vanishes. */
export const StatusMessage = Type.Union([
  Type.Object(
    {
      state: Type.Literal('online'),
      bootId: Uuid,
      version: ShortText,
      at: Timestamp,
      /** Newest first: what a command may quote. A new one every minute, the last two are good. */
      challenges: Type.Array(Uuid, { minItems: 1, maxItems: 4 }),
      /** Which keys of the hub it believes; absent from an edge that learns none. */
      hubKeys: Type.Optional(Type.Array(HubKeyId, { maxItems: 16 })),
      /** Which access policy its gates go by; absent from an edge that has no credential key, or is of an older version. */
      policy: Type.Optional(PolicyState),
      /** Edge clock minus hub clock at the last receipt; absent before the first. */
      clockOffsetMs: Type.Optional(Type.Integer()),
      outbox: Type.Object(
        {
          waiting: Type.Integer({ minimum: 0 }),
          quarantined: Type.Integer({ minimum: 0 }),
          bytes: Type.Integer({ minimum: 0 }),
          budgetBytes: Type.Integer({ minimum: 0 }),
        },
        strict,
      ),
    },
    strict,
  ),
  Type.Object(
    {
      state: Type.Literal('offline'),
      bootId: Uuid,
      version: ShortText,
      at: Timestamp,
      reason: Type.Enum(['will', 'stopped']),
    },
    strict,
  ),
]);
export type StatusMessage = Static<typeof StatusMessage>;
