import { type Static, Type } from 'typebox';
import { Code, Slug, Timestamp } from '../identifiers.ts';
import { nullable } from './nullable.ts';

/** Which access policy an edge should have, and which it has. */
export const AgentPolicyView = Type.Object(
  {
    /** The agent's. */
    id: Slug,
    estate: Slug,
    /** Null where there is none yet: no access point, or no credential key. */
    version: nullable(Type.Integer({ minimum: 1 })),
    /** When this version was made. */
    changedAt: nullable(Timestamp),
    expiresAt: nullable(Timestamp),
    /** Whether the hub has a key under which this edge knows credentials; without it there is no policy. */
    hasKey: Type.Boolean(),
    /** What the edge told last that it goes by; null before it told. */
    ackedVersion: nullable(Type.Integer({ minimum: 0 })),
    ackedAt: nullable(Timestamp),
    /** Since when there is a later version than the edge has; null while it has the latest. */
    behindSince: nullable(Timestamp),
    /** Why the edge did not take up the latest. */
    problem: nullable(Code),
  },
  { additionalProperties: false },
);
export type AgentPolicyView = Static<typeof AgentPolicyView>;
