import { type Static, Type } from 'typebox';
import { Timestamp, Uuid } from '../identifiers.ts';
import { Incident } from './alarm.ts';
import { nullable } from './nullable.ts';
import { Reason } from './reason.ts';

const strict = { additionalProperties: false };

/** More alarms than one incident has ever had at hand. */
const MAX_ALARMS = 500;

/** Brings the alarms of another incident into this one. */
export const IncidentJoin = Type.Object({ incident: Uuid, reason: Reason }, strict);
export type IncidentJoin = Static<typeof IncidentJoin>;

/** Takes alarms out of an incident into a new one; some have to stay. */
export const IncidentSplit = Type.Object(
  {
    alarms: Type.Array(Uuid, { minItems: 1, maxItems: MAX_ALARMS, uniqueItems: true }),
    reason: Reason,
    /** Whether the case goes with them; without it the case stays. */
    takesCase: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type IncidentSplit = Static<typeof IncidentSplit>;

/** How somebody regrouped alarms. `joined`: those of `other` came to `incident`; `split`: those of `incident` went to `other`. */
export const IncidentTransition = Type.Object(
  {
    what: Type.Enum(['joined', 'split']),
    incident: Uuid,
    other: Uuid,
    alarms: Type.Array(Uuid),
    movesCase: Type.Boolean(),
    at: Timestamp,
    by: Type.String(),
    byName: nullable(Type.String()),
    reason: Type.String(),
  },
  strict,
);
export type IncidentTransition = Static<typeof IncidentTransition>;

/** An incident after somebody regrouped it, with all that was ever done to it, oldest first. */
export const IncidentDetail = Type.Object({ incident: Incident, transitions: Type.Array(IncidentTransition) }, strict);
export type IncidentDetail = Static<typeof IncidentDetail>;
