import { type Static, Type } from 'typebox';
import { DOOR_ACTIONS, DoorAction } from './door-action.ts';
import { gateSight } from './events/gate.ts';
import { Code, ShortText, Slug, Timestamp } from './identifiers.ts';

const strict = { additionalProperties: false };

/** How the edge stands with a device. `refused`: it answers, and says no (password, codec). */
export const Connection = Type.Enum(['connecting', 'online', 'degraded', 'refused', 'unreachable']);
export type Connection = Static<typeof Connection>;

const head = {
  device: Slug,
  connection: Connection,
  /** Since when the connection is as it is. */
  since: Timestamp,
  /** Why it is not `online`. */
  cause: Type.Optional(Code),
  message: Type.Optional(ShortText),
};

/** Retained: what a device is like right now. */
export const DeviceStateMessage = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('camera'),
      ...head,
      /** What the picture is worth, judged from its pixels. */
      picture: Type.Enum(['unknown', 'ok', 'frozen', 'covered', 'moved']),
      /**
       * Pictures given up since the edge started because it had too much to do: not analysed, not sent to viewers, not
       * recorded. Told when that begins and when it is over.
       */
      shed: Type.Optional(
        Type.Object(
          {
            capture: Type.Integer({ minimum: 0 }),
            live: Type.Integer({ minimum: 0 }),
            recording: Type.Optional(Type.Integer({ minimum: 0 })),
          },
          strict,
        ),
      ),
      /** Times since the edge started that it was gone for less than an outage. */
      blips: Type.Optional(Type.Integer({ minimum: 0 })),
      /** The device's clock against the edge's: how far ahead, and how far that may be wrong. */
      clock: Type.Optional(
        Type.Object({ offsetMs: Type.Integer(), uncertaintyMs: Type.Integer({ minimum: 0 }), at: Timestamp }, strict),
      ),
      model: Type.Optional(ShortText),
      firmware: Type.Optional(ShortText),
      streams: Type.Optional(
        Type.Object(
          {
            main: Type.Optional(ShortText),
            sub: Type.Optional(ShortText),
          },
          strict,
        ),
      ),
    },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('gate'),
      ...head,
      ...gateSight,
      /** What it does when told to; absent where the edge does not say. */
      actions: Type.Optional(Type.Array(DoorAction, { maxItems: DOOR_ACTIONS.length })),
    },
    strict,
  ),
]);
export type DeviceStateMessage = Static<typeof DeviceStateMessage>;
