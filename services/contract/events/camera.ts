import { Type } from 'typebox';
import { Code, ShortText, Timestamp } from '../identifiers.ts';
import { Expired, OnvifOrigin } from './onvif.ts';
import { Phase } from './phase.ts';

const strict = { additionalProperties: false };

const CameraOnline = Type.Object({ outageMs: Type.Integer({ minimum: 0 }), cause: Type.Optional(Code) }, strict);
const CameraOffline = Type.Object({ cause: Code, since: Timestamp, message: Type.Optional(ShortText) }, strict);

/** The camera is there and something about it is not as it should be: a stream is missing, or its picture is not analysed. */
const CameraDegraded = Type.Object(
  { phase: Phase, cause: Type.Optional(Code), since: Timestamp, message: Type.Optional(ShortText) },
  strict,
);

const CameraTampered = Type.Object(
  {
    /** `reported`: the camera says so itself, and not which of the two it is. */
    kind: Type.Enum(['covered', 'moved', 'reported']),
    phase: Phase,
    since: Timestamp,
    onvif: Type.Optional(OnvifOrigin),
    expired: Expired,
  },
  strict,
);

const CameraFrozen = Type.Object({ phase: Phase, since: Timestamp }, strict);

/** How cameras are. */
export const CAMERA_EVENTS = {
  'camera.online': { data: CameraOnline, retention: 'device' },
  'camera.offline': { data: CameraOffline, retention: 'device' },
  'camera.degraded': { data: CameraDegraded, retention: 'device' },
  'camera.tampered': { data: CameraTampered, retention: 'device' },
  'camera.frozen': { data: CameraFrozen, retention: 'device' },
} as const;
