import { Type } from 'typebox';
import { ShortText } from '../identifiers.ts';
import { Expired, OnvifOrigin } from './onvif.ts';

const strict = { additionalProperties: false };

const Motion = Type.Object(
  {
    /** Share of the picture that moved; a camera that tells of motion itself says no share. */
    score: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    onvif: Type.Optional(OnvifOrigin),
    expired: Expired,
  },
  strict,
);

/** Something crossed a line that was drawn in the camera. `object` is the camera's own number for it. */
const LineCrossed = Type.Object(
  { rule: Type.Optional(ShortText), object: Type.Optional(ShortText), onvif: OnvifOrigin },
  strict,
);

/** The camera's own counter, as it stands. */
const ObjectCounted = Type.Object(
  { rule: Type.Optional(ShortText), count: Type.Integer({ minimum: 0 }), onvif: OnvifOrigin },
  strict,
);

const PersonCounted = Type.Object(
  { count: Type.Integer({ minimum: 0 }), periodSec: Type.Integer({ minimum: 1 }) },
  strict,
);

/** Movement and counts that name nobody. */
export const SCENE_EVENTS = {
  'motion.started': { data: Motion, retention: 'scene' },
  'motion.ended': { data: Motion, retention: 'scene' },
  'line.crossed': { data: LineCrossed, retention: 'scene' },
  'object.counted': { data: ObjectCounted, retention: 'scene' },
  'person.counted': { data: PersonCounted, retention: 'scene' },
} as const;
