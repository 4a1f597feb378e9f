import { Type } from 'typebox';

/**
 * What can go wrong with a device, by name, with the options each takes.
 *
 * | fault | options | effect |
 * |---|---|---|
 * | `unplug` | none | every connection is cut, new ones are closed at once; event subscriptions are forgotten |
 * | `freeze` | none | cameras: from the next key frame on the same picture again and again, counter included |
 * | `freeze-behind-clock` | none | cameras: the picture is frozen, the burnt-in counter goes on |
 * | `cover` | none | cameras: the lens is covered: dark, defocused, noisy; the counter goes on |
 * | `turn` | none | cameras: turned aside by a quarter of the picture; the counter goes on |
 * | `no-key-frames` | none | cameras: key frames are left out; who opens the stream meanwhile gets no picture |
 * | `wrong-password` | none | the credentials are refused from now on, and streams that play are cut |
 * | `clock-offset` | `seconds` | the device's clock is ahead (or behind) by that much: SOAP, WS-Security and RTCP |
 * | `repeat-events` | `times` | every notification comes so often |
 * | `no-clear` | none | "over" (motion false, input inactive, door closed) is never told, nor present state that says so |
 * | `drop-subscriptions` | none | event subscriptions are forgotten, and no new ones are taken |
 * | `ptz-runaway` | none | cameras that turn: a movement keeps to no time, and goes on until it is stopped |
 * | `ptz-deaf` | none | cameras that turn: told to stop, it says yes and goes on until its time is over |
 * | `ptz-stuck` | none | cameras that turn: says yes and does not move |
 * | `ptz-no-timeout` | none | cameras that turn: refuses a movement that names its time |
 * | `jam` | none | gates: the arm or the bolt does not move; relay and mode say that it did |
 * | `lie` | none | gates: commands are answered with success, and nothing happens |
 * | `late-answers` | `delayMs` | what is asked is done at once and answered late |
 * | `slow` | `delayMs`, `bytesPerSec` | ONVIF and RTSP answer late; ONVIF answers drip at that rate, if one is given |
 */
export const FAULT_OPTIONS = {
  unplug: Type.Object({}, { additionalProperties: false }),
  freeze: Type.Object({}, { additionalProperties: false }),
  'freeze-behind-clock': Type.Object({}, { additionalProperties: false }),
  cover: Type.Object({}, { additionalProperties: false }),
  turn: Type.Object({}, { additionalProperties: false }),
  'no-key-frames': Type.Object({}, { additionalProperties: false }),
  'wrong-password': Type.Object({}, { additionalProperties: false }),
  'clock-offset': Type.Object(
    { seconds: Type.Number({ minimum: -1e9, maximum: 1e9 }) },
    { additionalProperties: false },
  ),
  'repeat-events': Type.Object({ times: Type.Integer({ minimum: 2, maximum: 100 }) }, { additionalProperties: false }),
  'no-clear': Type.Object({}, { additionalProperties: false }),
  'drop-subscriptions': Type.Object({}, { additionalProperties: false }),
  'ptz-runaway': Type.Object({}, { additionalProperties: false }),
  'ptz-deaf': Type.Object({}, { additionalProperties: false }),
  'ptz-stuck': Type.Object({}, { additionalProperties: false }),
  'ptz-no-timeout': Type.Object({}, { additionalProperties: false }),
  jam: Type.Object({}, { additionalProperties: false }),
  lie: Type.Object({}, { additionalProperties: false }),
  'late-answers': Type.Object(
    { delayMs: Type.Integer({ minimum: 1, maximum: 600_000 }) },
    { additionalProperties: false },
  ),
  slow: Type.Object(
    {
      delayMs: Type.Integer({ minimum: 0, maximum: 600_000, default: 3_000 }),
      bytesPerSec: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
    },
    { additionalProperties: false },
  ),
} as const;

export type FaultName = keyof typeof FAULT_OPTIONS;

/** A fault as it is set, with its options. */
export type Fault = { [N in FaultName]: { readonly name: N } & Type.Static<(typeof FAULT_OPTIONS)[N]> }[FaultName];

export const FAULT_NAMES = Object.keys(FAULT_OPTIONS) as FaultName[];

/** Faults of the picture, which only cameras can have. */
export const PICTURE_FAULTS: readonly FaultName[] = ['freeze', 'freeze-behind-clock', 'cover', 'turn'];

/** Faults of what moves, which only gates can have. */
export const GATE_FAULTS: readonly FaultName[] = ['jam', 'lie'];

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULT_OPTIONS, name);
}
